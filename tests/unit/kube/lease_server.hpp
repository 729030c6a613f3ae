#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "kube/json_text.hpp"
#include "tests/support/api_server.hpp"

namespace tlswarden::kube {

/// An API server that keeps Leases: lists, watches, preconditions and conflicts as the real one has them.
class LeaseServer {
 public:
  using Json = nlohmann::ordered_json;

  explicit LeaseServer(const base::Clock& clock) : clock_(clock) {
    server.otherwise([this](const test_support::ApiCall& call, test_support::ServerConnection& connection) {
      return call.parameter("watch") ? watch(call, connection) : answer(call)(call, connection);
    });
  }
  ~LeaseServer() {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  LeaseServer(const LeaseServer&) = delete;
  LeaseServer& operator=(const LeaseServer&) = delete;

  /// Whether writes are refused, and whether watches are silent.
  void refuse_writes(bool on) {
    const std::scoped_lock lock(mutex_);
    refusing_ = on;
  }
  void silence_watches() {
    const std::scoped_lock lock(mutex_);
    silent_before_ = watches_;
  }
  /// When the last event was sent to those who watch; nothing where that is withheld.
  std::optional<base::MonoTime> last_sent() const {
    const std::scoped_lock lock(mutex_);
    return watches_ > silent_before_ ? last_event_ : std::nullopt;
  }
  std::size_t watches() const {
    const std::scoped_lock lock(mutex_);
    return watches_;
  }
  /// As somebody else would.
  void put(Json lease) {
    const std::scoped_lock lock(mutex_);
    store(std::move(lease));
  }
  void remove(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    erase(name);
  }
  std::optional<Json> lease(const std::string& name) const {
    const std::scoped_lock lock(mutex_);
    const auto found = leases_.find(name);
    return found == leases_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  static std::string name_in(const std::string& target) {
    const std::string path = target.substr(0, target.find('?'));
    const std::size_t at = path.find("/leases/");
    return at == std::string::npos ? "" : path.substr(at + 8);
  }
  Json store(Json lease) {
    Json& metadata = lease["metadata"];
    const std::string name = metadata["name"];
    const bool known = leases_.contains(name);
    metadata["uid"] =
        known ? leases_[name]["metadata"]["uid"] : Json("uid-" + std::to_string(events_.size()));
    metadata["resourceVersion"] = std::to_string(events_.size() + 1);
    leases_[name] = lease;
    tell(known ? "MODIFIED" : "ADDED", lease);
    return lease;
  }
  void erase(const std::string& name) {
    Json lease = leases_[name];
    lease["metadata"]["resourceVersion"] = std::to_string(events_.size() + 1);
    leases_.erase(name);
    tell("DELETED", lease);
  }
  void tell(const char* type, const Json& lease) {
    events_.push_back(Json{{"type", type}, {"object", lease}}.dump() + "\n");
    last_event_ = clock_.monotonic();
    changed_.notify_all();
  }

  bool watch(const test_support::ApiCall& call, test_support::ServerConnection& connection) {
    std::unique_lock lock(mutex_);
    const std::size_t number = ++watches_;
    std::size_t position = std::stoul(call.parameter("resourceVersion").value_or("0"));
    lock.unlock();
    test_support::begin_chunks(connection);
    lock.lock();
    while (!stopped_) {
      if (position == events_.size() || number <= silent_before_) {
        changed_.wait(lock);
        continue;
      }
      const std::string event = events_[position++];
      lock.unlock();
      test_support::send_chunk(connection, event);
      lock.lock();
    }
    return false;
  }

  test_support::ApiReply answer(const test_support::ApiCall& call) {
    const std::scoped_lock lock(mutex_);
    const std::string name = name_in(call.target);
    if (call.method == "GET" && name.empty()) return list();
    if (refusing_ && call.method != "GET") return test_support::refusal(500, "InternalError");
    const Json body = parse_json(call.body).value_or(Json::object());
    if (call.method == "POST") {
      if (leases_.contains(body["metadata"]["name"])) return test_support::refusal(409, "AlreadyExists");
      return test_support::reply(201, store(body).dump());
    }
    const auto found = leases_.find(name);
    if (found == leases_.end()) return test_support::refusal(404, "NotFound");
    const Json wanted = call.method == "PUT" ? body["metadata"] : body.value("preconditions", Json::object());
    for (const char* key : {"uid", "resourceVersion"}) {
      if (wanted.contains(key) && wanted[key] != found->second["metadata"][key])
        return test_support::refusal(409, "Conflict");
    }
    if (call.method == "GET") return test_support::reply(200, found->second.dump());
    if (call.method == "PUT") return test_support::reply(200, store(body).dump());
    erase(name);
    return test_support::reply(200, R"({"kind":"Status","status":"Success"})");
  }
  test_support::ApiReply list() {
    Json items = Json::array();
    for (const auto& [name, lease] : leases_)
      items.push_back(lease);
    const Json metadata = {{"resourceVersion", std::to_string(events_.size())}};
    return test_support::reply(200, Json{{"metadata", metadata}, {"items", items}}.dump());
  }

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Json> leases_;
  std::vector<std::string> events_;
  std::size_t watches_ = 0, silent_before_ = 0;
  std::optional<base::MonoTime> last_event_;
  bool refusing_ = false, stopped_ = false;

 public:
  test_support::ApiServer server;  ///< last: its threads use the others
};

}  // namespace tlswarden::kube

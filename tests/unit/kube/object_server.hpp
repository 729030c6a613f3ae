#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/api_server.hpp"

namespace tlswarden::kube {

/// An API server with a few objects, each known by its path ("/api/v1/namespaces/NS/secrets/NAME"), that are
/// read by GET or by a list or watch that selects them by metadata.name. As many requests as tests need.
class ObjectServer {
 public:
  enum class Ask { kGet, kList, kWatch };

  ObjectServer() {
    constexpr int kMostRequests = 5000;
    for (int i = 0; i < kMostRequests; ++i)
      server_.then([this](const auto& call, auto& connection) { return answer(call, connection); });
  }
  ~ObjectServer() {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  ObjectServer(const ObjectServer&) = delete;
  ObjectServer& operator=(const ObjectServer&) = delete;

  /// `members` is JSON beside the metadata: R"("data":{…})".
  void put(const std::string& path, const std::string& members) {
    const std::scoped_lock lock(mutex_);
    Object& object = objects_[path];
    const bool fresh = object.text.empty();
    if (fresh) object.uid = std::to_string(++version_);
    object.text = text_of(path, object.uid, std::to_string(++version_), members);
    note(object, fresh ? "ADDED" : "MODIFIED", object.text);
  }
  void remove(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    Object& object = objects_[path];
    object.text.clear();
    note(object, "DELETED", text_of(path, object.uid, std::to_string(++version_), R"("data":{})"));
  }
  /// From now on these are refused, and watches that are open end where watching is.
  void forbid(const std::string& path, std::set<Ask> what) {
    const std::scoped_lock lock(mutex_);
    objects_[path].forbidden = std::move(what);
    changed_.notify_all();
  }
  /// The object cannot be decrypted.
  void break_object(const std::string& path) {
    const std::scoped_lock lock(mutex_);
    objects_[path].broken = true;
  }
  /// Every connection is closed without an answer.
  void be_away(bool away) {
    const std::scoped_lock lock(mutex_);
    away_ = away;
    changed_.notify_all();
  }
  /// What was watched until now is forgotten: such watches end with 410.
  void forget() {
    const std::scoped_lock lock(mutex_);
    oldest_ = ++version_;
    changed_.notify_all();
  }
  /// "get PATH", "list PATH", "watch PATH", as they came.
  std::vector<std::string> asked() {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }
  std::size_t asked(const std::string& what) {
    const std::scoped_lock lock(mutex_);
    return static_cast<std::size_t>(std::count(asked_.begin(), asked_.end(), what));
  }
  test_support::ApiServer& server() { return server_; }

 private:
  using Connection = test_support::ServerConnection;
  struct Object {
    std::string uid, text;  ///< no text: it does not exist
    std::set<Ask> forbidden;
    bool broken = false;
    std::vector<std::pair<std::uint64_t, std::string>> events = {};
  };

  static std::string text_of(const std::string& path, const std::string& uid, const std::string& version,
                             const std::string& members) {
    constexpr std::string_view kBefore = "/namespaces/";
    const std::size_t ns = path.find(kBefore) + kBefore.size();
    return R"({"metadata":{"namespace":")" + path.substr(ns, path.find('/', ns) - ns) + R"(","name":")" +
           path.substr(path.rfind('/') + 1) + R"(","uid":")" + uid + R"(","resourceVersion":")" + version +
           "\"}," + members + "}";
  }
  void note(Object& object, const std::string& type, const std::string& text) {
    object.events.emplace_back(version_, R"({"type":")" + type + R"(","object":)" + text + "}\n");
    changed_.notify_all();
  }

  bool answer(const test_support::ApiCall& call, Connection& connection) {
    std::string path = call.target.substr(0, call.target.find('?'));
    Ask ask = Ask::kGet;
    if (const auto selector = call.parameter("fieldSelector")) {
      path += "/" + selector->substr(std::string("metadata.name%3D").size());
      ask = call.parameter("watch") ? Ask::kWatch : Ask::kList;
    }
    std::unique_lock lock(mutex_);
    asked_.push_back((ask == Ask::kGet ? "get " : ask == Ask::kList ? "list " : "watch ") + path);
    const Object object = objects_[path];
    const std::string version = std::to_string(version_);
    const bool away = away_;
    if (!away && object.forbidden.empty() && !object.broken && ask == Ask::kWatch) {
      return watch(lock, objects_[path], std::stoull(*call.parameter("resourceVersion")), connection);
    }
    lock.unlock();
    if (away) return test_support::hang_up()(call, connection);
    if (object.broken) return test_support::refusal(500, "InternalError")(call, connection);
    if (object.forbidden.contains(ask)) return test_support::refusal(403, "Forbidden")(call, connection);
    if (ask == Ask::kList) {
      return test_support::reply(200, R"({"metadata":{"resourceVersion":")" + version + R"("},"items":[)" +
                                          object.text + "]}")(call, connection);
    }
    if (object.text.empty()) return test_support::refusal(404, "NotFound")(call, connection);
    return test_support::reply(200, object.text)(call, connection);
  }

  bool watch(std::unique_lock<std::mutex>& lock, Object& object, std::uint64_t from, Connection& connection) {
    test_support::begin_chunks(connection);
    for (;;) {
      if (closing_ || away_) return false;
      if (object.forbidden.contains(Ask::kWatch)) break;
      if (from < oldest_) {
        test_support::send_chunk(
            connection, R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}})"
                        "\n");
        break;
      }
      for (const auto& [version, text] : object.events) {
        if (version <= from) continue;
        test_support::send_chunk(connection, text);
        from = version;
      }
      changed_.wait(lock);
    }
    test_support::end_chunks(connection);
    return true;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Object> objects_;
  std::vector<std::string> asked_;
  std::uint64_t version_ = 10, oldest_ = 0;
  bool away_ = false, closing_ = false;
  test_support::ApiServer server_;  ///< last: its threads use the others
};

}  // namespace tlswarden::kube

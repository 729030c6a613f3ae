#include "cli/deleter.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "kube/api_paths.hpp"
#include "kube/json_text.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;
using kube::text_at;

constexpr std::chrono::nanoseconds kFirstPause = std::chrono::milliseconds(50);
constexpr std::chrono::nanoseconds kLongestPause = std::chrono::seconds(1);

/// The answer is a Status that names the object, or the object itself where something still holds it.
std::string uid_of(const Json& answer) {
  std::string uid = text_at(answer, {"details", "uid"});
  return uid.empty() ? text_at(answer, {"metadata", "uid"}) : uid;
}

}  // namespace

base::Result<Deletion, kube::ApiError> Deleter::begin(const ClusterObject& object, bool dry_run) {
  // A server that gets a body does not look for options in the query.
  Json options{{"propagationPolicy", "Background"}};
  if (dry_run) options["dryRun"] = Json::array({"All"});
  const auto answer = client_.call_json({.verb = kube::Verb::kDelete,
                                         .path = object_path(object),
                                         .content_type = kube::kJson,
                                         .body = options.dump()});
  if (!answer) return tl::unexpected(in_context(answer.error(), "deleting", object));
  return Deletion{object, uid_of(*answer)};
}

base::Result<bool, kube::ApiError> Deleter::wait(const Deletion& deletion,
                                                 std::optional<base::MonoTime> deadline) {
  std::chrono::nanoseconds span = kFirstPause;
  while (true) {
    const auto found = client_.call_json({.path = object_path(deletion.object)});
    if (!found) {
      const int code = found.error().code;
      if (code == 404 || code == 403 || code == 405) return true;
      return tl::unexpected(found.error());
    }
    if (!deletion.uid.empty() && text_at(*found, {"metadata", "uid"}) != deletion.uid) return true;
    const base::MonoTime now = clock_.monotonic();
    if (deadline && now >= *deadline) return false;
    if (deadline) span = std::min<std::chrono::nanoseconds>(span, *deadline - now);
    if (!pause_.wait(span, cancellation_)) return false;
    span = std::min(span * 2, kLongestPause);
  }
}

}  // namespace tlswarden::cli

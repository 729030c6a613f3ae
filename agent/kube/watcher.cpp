#include "kube/watcher.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "kube/json_text.hpp"
#include "kube/wiped_text.hpp"

namespace tlswarden::kube {
namespace {

using Next = WatchEnd::Next;
using Type = WatchEvent::Type;

/// The server ends the watch itself; this much later it is taken for dead.
constexpr base::Seconds kGrace{30};
/// client-go's word for a watch that nobody can have wanted to end so soon.
constexpr base::Seconds kVeryShort{1};

ApiError malformed(std::string message) {
  return ApiError{.kind = ApiError::Kind::kMalformed, .message = std::move(message)};
}

/// What an ERROR event means for the watch.
WatchEnd end_of_error(const nlohmann::ordered_json& status, const std::string& path) {
  ApiError error = status_error(200, status.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                                "", "a watch of " + path);
  return {error.code == 429 ? Next::kWatchLater : Next::kList, std::move(error)};
}

ApiRequest watch_request(const ReflectorOptions& options, base::Seconds seconds) {
  ApiRequest request{.path = options.path, .query = options.selectors, .timeout = seconds + kGrace};
  request.query.emplace_back("watch", "true");
  request.query.emplace_back("allowWatchBookmarks", "true");
  request.query.emplace_back("timeoutSeconds", std::to_string(seconds.count()));
  return request;
}

}  // namespace

Watcher::Watcher(ApiClient& client, const ReflectorOptions& options, ObjectIndex& index,
                 const base::Clock& clock, const Cancellation& cancellation, std::string& resource_version,
                 std::function<void()> contact)
    : client_(client),
      options_(options),
      index_(index),
      clock_(clock),
      cancellation_(cancellation),
      resource_version_(resource_version),
      contact_(std::move(contact)),
      // The event's own frame comes on top of the object.
      stream_(options.largest_object + 1024) {}

WatchEnd Watcher::run(base::Seconds seconds) {
  ApiRequest request = watch_request(options_, seconds);
  request.query.emplace_back("resourceVersion", resource_version_);
  synthetic_ = resource_version_.empty() || resource_version_ == "0";
  return follow(std::move(request));
}

WatchEnd Watcher::run_from_nothing(base::Seconds seconds, std::function<void()> on_sync) {
  on_sync_ = std::move(on_sync);
  ApiRequest request = watch_request(options_, seconds);
  request.query.emplace_back("sendInitialEvents", "true");
  request.query.emplace_back("resourceVersionMatch", "NotOlderThan");
  if (!resource_version_.empty()) request.query.emplace_back("resourceVersion", resource_version_);
  initial_ = true;
  index_.begin_listing();
  return follow(std::move(request));
}

WatchEnd Watcher::follow(ApiRequest request) {
  request.cancellation = &cancellation_;
  const auto ended = client_.stream(request, [this](std::string_view piece) {
    if (!opened_) opened_ = clock_.monotonic();
    const bool more = stream_.feed(piece, [this](WatchEvent event) { return take(std::move(event)); });
    contact_();
    return more;
  });
  if (end_) return *end_;
  if (!stream_.problem().empty()) return {Next::kList, malformed(stream_.problem())};
  return opened_ ? end_of_stream(ended) : not_opened(ended.error());
}

WatchEnd Watcher::not_opened(const ApiError& error) {
  using Kind = ApiError::Kind;
  const bool later = error.code == 429 || error.kind == Kind::kUnreachable ||
                     error.kind == Kind::kUntrusted || error.kind == Kind::kCredentials ||
                     error.kind == Kind::kCancelled;
  return {later ? Next::kWatchLater : Next::kList, error};
}

WatchEnd Watcher::end_of_stream(const base::Result<ApiClient::StreamEnd, ApiError>& ended) const {
  // One that broke off, or died silently, has come to an end like any other: its version says where to go on.
  if (clock_.monotonic() - *opened_ >= kVeryShort) return {Next::kWatchNow, std::nullopt};
  std::optional<ApiError> error;
  if (!ended) error = ended.error();
  if (events_ != 0 || (error && error->kind == ApiError::Kind::kCancelled)) return {Next::kWatchLater, error};
  if (!error) error = malformed("the API server ended a watch of " + options_.path + " as soon as it began");
  return {Next::kList, error};
}

bool Watcher::take(WatchEvent event) {
  ++events_;
  if (event.type == Type::kError) {
    end_ = end_of_error(event.object, options_.path);
    return false;
  }
  if (event.type == Type::kUnknown) {
    if (!std::exchange(odd_, true)) {
      spdlog::error("the API server sent an event of a kind that no watch has; it is ignored");
    }
    return true;
  }
  if (event.type != Type::kAdded) synthetic_ = false;
  const std::string version = text_at(event.object, {"metadata", "resourceVersion"});
  const bool last_initial =
      initial_ && event.type == Type::kBookmark &&
      text_at(event.object, {"metadata", "annotations", "k8s.io/initial-events-end"}) == "true";
  if (event.type != Type::kBookmark && !take_object(event.type, std::move(event.object))) return false;
  if (last_initial) {
    initial_ = false;
    synced_ = true;
    index_.end_listing();
    on_sync_();
  }
  if (!version.empty() && !synthetic_ && !initial_) resource_version_ = version;
  return true;
}

bool Watcher::take_object(Type type, nlohmann::ordered_json document) {
  auto object = make_object(std::move(document));
  if (!object) {
    end_ = WatchEnd{Next::kList, malformed(object.error().message)};
    return false;
  }
  if (type == Type::kDeleted) {
    wipe_texts(object->document);
    if (!initial_) index_.remove(object->id);
    return true;
  }
  if ((initial_ ? index_.listed() : index_.size()) >= options_.most_objects) {
    end_ = WatchEnd{Next::kList, malformed("there are more than " + std::to_string(options_.most_objects) +
                                           " objects at " + options_.path +
                                           "; share them between several agents by namespace or label")};
    return false;
  }
  if (initial_)
    index_.list(std::move(*object));
  else
    index_.put(std::move(*object));
  return true;
}

}  // namespace tlswarden::kube

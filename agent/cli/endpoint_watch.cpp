#include "cli/endpoint_watch.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "kube/json_text.hpp"

namespace tlswarden::cli {
namespace {

using kube::ApiError;
using Type = kube::WatchEvent::Type;

/// A watch lasts between one and two of these, so that not all end at the same time.
constexpr base::Seconds kShortestWatch{300};
/// The server ends the watch itself; this much later it is taken for dead.
constexpr base::Seconds kGrace{30};
/// A watch that ends sooner without a word is not begun again at once.
constexpr base::Seconds kVeryShort{1};
constexpr std::size_t kLargestEvent = std::size_t{16} << 20U;

/// How long a server that is back may be taken to be still at its beginning.
constexpr base::Seconds kComingBack{60};

/// Whether an error says that the server is away or too busy; one that was `known` a moment ago is the right
/// one, even where TLS fails in the middle of its end.
bool transient(const ApiError& error, bool known) {
  switch (error.kind) {
    case ApiError::Kind::kStatus:
      return error.code == 429 || error.code >= 500;
    case ApiError::Kind::kUnreachable:
    case ApiError::Kind::kUntrusted:
    case ApiError::Kind::kBroken:
    case ApiError::Kind::kTimedOut:
      return known;
    case ApiError::Kind::kCredentials:
    case ApiError::Kind::kMalformed:
    case ApiError::Kind::kCancelled:
      return false;
  }
  return false;
}

}  // namespace

bool EndpointWatch::passes(const ApiError& error) {
  const base::MonoTime now = clock_.monotonic();
  if (transient(error, known_)) {
    away_ = now;
    return true;
  }
  const bool refused = error.code == 401 || error.code == 403 || error.code == 404;
  return refused && away_ && now - *away_ < kComingBack;
}

/// One request.
struct EndpointWatch::Round {
  std::string& resource_version;
  std::size_t events = 0;
  bool stopped = false;
  std::optional<ApiError> error = {};
};

kube::ApiRequest EndpointWatch::request(const EndpointQuery& query, const std::string& version,
                                        std::optional<base::MonoTime> until) {
  const auto jitter = static_cast<std::int64_t>(random_.unit() * static_cast<double>(kShortestWatch.count()));
  base::Seconds span = kShortestWatch + base::Seconds(jitter);
  std::chrono::nanoseconds timeout = span + kGrace;
  if (until) {
    const std::chrono::nanoseconds left = *until - clock_.monotonic();
    timeout = std::clamp<std::chrono::nanoseconds>(left, std::chrono::nanoseconds(0), timeout);
    span = std::min(span, std::chrono::ceil<base::Seconds>(timeout) + base::Seconds(1));
  }
  kube::ApiRequest request{
      .path = query.path, .query = query.selectors, .timeout = timeout, .accept = query.accept()};
  request.query.emplace_back("watch", "true");
  request.query.emplace_back("allowWatchBookmarks", "true");
  request.query.emplace_back("resourceVersion", version);
  request.query.emplace_back("timeoutSeconds", std::to_string(span.count()));
  request.cancellation = &cancellation_;
  return request;
}

bool EndpointWatch::take_event(Round& round, kube::WatchEvent event, const Take& take) {
  if (event.type == Type::kError) {
    round.error = kube::status_error(
        200, event.object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "", "a watch");
    return false;
  }
  ++round.events;
  if (event.type == Type::kUnknown) return true;
  const std::string version = kube::text_at(event.object, {"metadata", "resourceVersion"});
  if (event.type == Type::kBookmark) {
    if (!version.empty()) round.resource_version = version;
    return true;
  }
  auto items = items_of(std::move(event.object));
  if (!items) {
    round.error = std::move(items.error());
    return false;
  }
  for (EndpointItem& item : *items) {
    if (!item.resource_version.empty()) round.resource_version = item.resource_version;
    if (!take({event.type == Type::kDeleted, std::move(item)})) {
      round.stopped = true;
      return false;
    }
  }
  return true;
}

base::Result<EndpointWatch::End, ApiError> EndpointWatch::run(const EndpointQuery& query,
                                                              std::string& resource_version,
                                                              std::optional<base::MonoTime> until,
                                                              const Take& take) {
  known_ = true;
  for (;;) {
    Round round{resource_version};
    kube::WatchStream stream(kLargestEvent);
    const base::MonoTime begun = clock_.monotonic();
    const auto ended = client_.stream(request(query, resource_version, until), [&](std::string_view piece) {
      return stream.feed(piece,
                         [&](kube::WatchEvent event) { return take_event(round, std::move(event), take); });
    });
    if (round.stopped) return End::kStopped;
    if (!stream.problem().empty()) return End::kForgotten;
    if (!round.error && !ended) round.error = ended.error();
    if (cancellation_.cancelled())
      return tl::unexpected(ApiError{.kind = ApiError::Kind::kCancelled, .message = "the watch was ended"});
    if (until && clock_.monotonic() >= *until) return End::kTimedOut;
    if (round.error && (round.error->expired() || round.error->ahead_of_server())) return End::kForgotten;
    if (round.error && !passes(*round.error)) return tl::unexpected(std::move(*round.error));
    if (!round.error && (round.events != 0 || clock_.monotonic() - begun >= kVeryShort)) continue;
    if (round.error) spdlog::warn("{}; the watch goes on when it can", round.error->message);
    if (!pause(until)) return End::kTimedOut;
  }
}

bool EndpointWatch::pause(std::optional<base::MonoTime> until) {
  std::chrono::nanoseconds span = backoff_.next();
  if (until) {
    const std::chrono::nanoseconds left = *until - clock_.monotonic();
    if (left <= std::chrono::nanoseconds(0)) return false;
    span = std::min(span, left);
  }
  // A cancelled pause shows at the next request.
  pause_.wait(span, cancellation_);
  return true;
}

}  // namespace tlswarden::cli

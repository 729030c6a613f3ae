#include "kube/reflector.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace tlswarden::kube {
namespace {

using Next = WatchEnd::Next;

/// A watch lasts between one and two of these, so that not all end at the same time.
constexpr base::Seconds kShortestWatch{300};
/// The server may ask for patience, but not for an outage.
constexpr base::Seconds kLongestRetryAfter{60};

bool forbids(const ApiError& error) {
  constexpr int kForbidden = 403;
  return error.kind == ApiError::Kind::kStatus && error.code == kForbidden;
}

}  // namespace

Reflector::Reflector(ApiClient& client, ReflectorOptions options, ObjectHandler& handler,
                     const base::Clock& clock, base::Random& random, Pause& pause,
                     const Cancellation& cancellation)
    : client_(client),
      options_(std::move(options)),
      clock_(clock),
      random_(random),
      pause_(pause),
      cancellation_(cancellation),
      index_(handler),
      backoff_(clock, random, options_.longest_wait),
      lister_(client, options_, index_, cancellation, [this] { heard(); }),
      watch_list_(options_.watch_list) {}

void Reflector::run() {
  while (!cancellation_.cancelled()) {
    last_error_.reset();
    if (begin()) follow();
    if (!wait(last_error_)) return;
  }
}

bool Reflector::begin() {
  return watch_list_ ? begin_by_watch() : begin_by_list();
}

bool Reflector::begin_by_list() {
  {
    const std::scoped_lock lock(mutex_);
    ++health_.lists;
  }
  // "0" is answered from the server's memory; later nothing older than what is known will do.
  auto version = lister_.list(resource_version_.empty() ? "0" : resource_version_);
  if (!version) {
    note_failure(version.error());
    return false;
  }
  resource_version_ = std::move(*version);
  note_sync();
  return true;
}

bool Reflector::begin_by_watch() {
  std::string version = version_unusable_ ? std::string() : resource_version_;
  Watcher watcher(client_, options_, index_, clock_, cancellation_, version, [this] { watching(); });
  {
    const std::scoped_lock lock(mutex_);
    ++health_.watches;
  }
  WatchEnd end = watcher.run_from_nothing(watch_span(), [this] { note_sync(); });
  if (watcher.synced()) {
    resource_version_ = std::move(version);
    version_unusable_ = false;
    begun_watch_ = std::move(end);
    return true;
  }
  if (end.error) note_failure(*end.error);
  if (given_up_) return false;
  if (end.next == Next::kWatchLater || !end.error || end.error->kind != ApiError::Kind::kStatus) return false;
  if (end.error->expired() || end.error->ahead_of_server()) {
    version_unusable_ = true;
    return false;
  }
  // Who may not watch may list perhaps, and may watch perhaps the next time.
  if (!forbids(*end.error)) {
    spdlog::info("the API server does not begin a watch with what there is; it is listed from now on");
    watch_list_ = false;
  }
  return begin_by_list();
}

void Reflector::follow() {
  if (begun_watch_) {
    const WatchEnd end = *std::exchange(begun_watch_, std::nullopt);
    if (!go_on(end)) return;
  }
  while (!cancellation_.cancelled()) {
    {
      const std::scoped_lock lock(mutex_);
      ++health_.watches;
    }
    Watcher watcher(client_, options_, index_, clock_, cancellation_, resource_version_,
                    [this] { watching(); });
    const WatchEnd end = watcher.run(watch_span());
    if (!go_on(end)) return;
  }
}

bool Reflector::go_on(const WatchEnd& end) {
  if (end.error) note_failure(*end.error);
  if (given_up_ || end.next == Next::kList) return false;
  return end.next == Next::kWatchNow || wait(end.error);
}

base::Seconds Reflector::watch_span() {
  return kShortestWatch + base::Seconds(static_cast<std::int64_t>(
                              random_.unit() * static_cast<double>(kShortestWatch.count())));
}

bool Reflector::wait(const std::optional<ApiError>& error) {
  if (given_up_ || cancellation_.cancelled()) return false;
  std::chrono::nanoseconds span = backoff_.next();
  if (error && error->retry_after) {
    span = std::max<std::chrono::nanoseconds>(span, std::min(*error->retry_after, kLongestRetryAfter));
  }
  return pause_.wait(span, cancellation_);
}

void Reflector::heard() {
  const std::scoped_lock lock(mutex_);
  health_.last_contact = clock_.monotonic();
  // Who may list but not watch is still refused.
  if (!health_.refused) health_.problem.clear();
  health_.objects = index_.size();
}

/// Trouble that was told is over once a watch goes on, and not when just a list was given.
void Reflector::watching() {
  {
    const std::scoped_lock lock(mutex_);
    health_.refused = false;
  }
  heard();
  const std::scoped_lock lock(mutex_);
  if (told_.empty()) return;
  told_.clear();
  spdlog::info("{}: it is followed again; {} object(s)", options_.path, index_.size());
}

void Reflector::note_sync() {
  const std::scoped_lock lock(mutex_);
  away_ = false;
  health_.synced = true;
  health_.objects = index_.size();
}

void Reflector::note_failure(const ApiError& error) {
  last_error_ = error;
  if (error.kind == ApiError::Kind::kCancelled) return;
  given_up_ = options_.give_up && options_.give_up(error);
  // A server that is back has forgotten what was watched. The long waits were for one that was not there;
  // only the first such answer ends them, for one that always forgets must not be listed all the time.
  if (std::exchange(away_, error.kind != ApiError::Kind::kStatus) && error.expired()) backoff_.reset();
  tell(error);
  if (forbids(error) && options_.refused) options_.refused();
}

void Reflector::tell(const ApiError& error) {
  const std::scoped_lock lock(mutex_);
  ++health_.failures;
  health_.objects = index_.size();
  if (error.kind == ApiError::Kind::kStatus) health_.refused = forbids(error);
  if (given_up_) return;
  health_.problem = error.message;
  // The same trouble is said once, not at every attempt, and a server that is away fails in one way after
  // another; and not where somebody else deals with it.
  std::string trouble = error.kind == ApiError::Kind::kStatus ? error.message : "no answer";
  if (!options_.log_failures || told_ == trouble) return;
  told_ = std::move(trouble);
  // That a version was forgotten is how servers are, and the next list mends it.
  spdlog::log(error.expired() ? spdlog::level::info : spdlog::level::warn, "{}: {}{}{}", options_.path,
              error.message, error.peer_text.empty() ? "" : "; it said: ", error.peer_text);
}

ReflectorHealth Reflector::health() const {
  const std::scoped_lock lock(mutex_);
  return health_;
}

}  // namespace tlswarden::kube

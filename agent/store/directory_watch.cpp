#include "store/directory_watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

namespace tlswarden::store {
namespace {

/// A swap of the ..data link of a mounted ConfigMap arrives as IN_MOVED_TO. IN_MODIFY is left out: a file
/// that is being written is of interest once it is closed.
constexpr std::uint32_t kInterest = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                    IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR;

bool drain(int descriptor) {
  std::array<char, 16384> buffer{};
  bool any = false;
  while (::read(descriptor, buffer.data(), buffer.size()) > 0)
    any = true;
  return any;
}

}  // namespace

base::Result<DirectoryWatch> DirectoryWatch::create() {
  const int inotify = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  const int error = errno;
  const int wakeup = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (inotify >= 0 && wakeup >= 0) return DirectoryWatch(inotify, wakeup);
  if (inotify >= 0) ::close(inotify);
  if (wakeup >= 0) ::close(wakeup);
  return base::fail("directories cannot be watched (" + std::generic_category().message(error) +
                    "); raise fs.inotify.max_user_instances");
}

DirectoryWatch::DirectoryWatch(DirectoryWatch&& other) noexcept
    : inotify_(std::exchange(other.inotify_, -1)),
      wakeup_(std::exchange(other.wakeup_, -1)),
      watched_(std::move(other.watched_)) {}

DirectoryWatch::~DirectoryWatch() {
  if (inotify_ >= 0) ::close(inotify_);
  if (wakeup_ >= 0) ::close(wakeup_);
}

void DirectoryWatch::set(const Interests& directories) {
  // Adding a path that is watched already gives the same watch, unless another directory has taken its place;
  // so does another path to the same directory.
  std::map<int, std::set<std::string>> now;
  for (const auto& [directory, names] : directories) {
    const int watch = ::inotify_add_watch(inotify_, directory.c_str(), kInterest);
    if (watch < 0) continue;
    const auto [entry, added] = now.emplace(watch, names);
    if (added) continue;
    if (names.empty()) entry->second.clear();
    if (!entry->second.empty()) entry->second.insert(names.begin(), names.end());
  }
  for (const auto& [watch, names] : watched_) {
    if (!now.contains(watch)) ::inotify_rm_watch(inotify_, watch);
  }
  watched_ = std::move(now);
}

/// Reads what happened; returns whether any of it is of interest.
bool DirectoryWatch::drain_changes() {
  alignas(inotify_event) std::array<char, 16384> buffer{};
  bool any = false;
  for (;;) {
    const ssize_t size = ::read(inotify_, buffer.data(), buffer.size());
    if (size <= 0) return any;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      const auto watched = watched_.find(event->wd);
      const bool overflown = (event->mask & IN_Q_OVERFLOW) != 0;
      if (watched == watched_.end() && !overflown) continue;
      // An event without a name is about the directory itself.
      any = any || overflown || event->len == 0 || watched->second.empty() ||
            watched->second.contains(event->name);
    }
  }
}

DirectoryWatch::Event DirectoryWatch::wait(std::chrono::milliseconds span) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + span;
  std::array<pollfd, 2> descriptors{{{inotify_, POLLIN, 0}, {wakeup_, POLLIN, 0}}};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    const int patience = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
    if (::poll(descriptors.data(), descriptors.size(), patience) <= 0) return Event::kQuiet;
    const bool changed = drain_changes();
    if (drain(wakeup_)) return Event::kWoken;
    if (changed) return Event::kChange;
    if (patience == 0) return Event::kQuiet;
  }
}

void DirectoryWatch::wake() const {
  const std::uint64_t one = 1;
  // Only a counter at its maximum is refused, and then the waiting one is awake anyway.
  [[maybe_unused]] const ssize_t written = ::write(wakeup_, &one, sizeof one);
}

}  // namespace tlswarden::store

#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tlswarden::store {

/// Says when something in a set of directories may have changed, through inotify. One thread waits; wake()
/// may be called from any thread and from a signal handler.
class DirectoryWatch {
 public:
  /// Error: the system has no inotify instance left to give.
  static base::Result<DirectoryWatch> create();
  DirectoryWatch(DirectoryWatch&& other) noexcept;
  DirectoryWatch& operator=(DirectoryWatch&&) = delete;
  ~DirectoryWatch();

  /// What is of interest in a directory: these names, or everything where there are none.
  using Interests = std::map<std::filesystem::path, std::set<std::string>>;

  /// Watches exactly these directories from now on. One that cannot be watched (gone, no watches left) is
  /// passed over: the waiting one looks again by itself now and then.
  void set(const Interests& directories);

  enum class Event { kChange, kWoken, kQuiet };
  /// Waits up to `span`. Everything that happened until then is one event; kWoken goes before kChange.
  Event wait(std::chrono::milliseconds span);
  void wake() const;

 private:
  DirectoryWatch(int inotify, int wakeup) : inotify_(inotify), wakeup_(wakeup) {}
  bool drain_changes();

  int inotify_, wakeup_;
  std::map<int, std::set<std::string>> watched_;  ///< names of interest by watch; empty: all
};

}  // namespace tlswarden::store

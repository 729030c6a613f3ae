#pragma once

#include <csignal>

namespace tlswarden::cli {

/// The signals that the agent answers to (SIGTERM, SIGINT, SIGHUP), blocked in this thread and in all that it
/// starts, so that only wait() sees them.
class Signals {
 public:
  /// To be made before any other thread exists.
  Signals();

  /// Blocks until one comes; which.
  int wait() const;

  /// From now on a signal to end does what it does by default: at once.
  void stop_catching() const;

 private:
  sigset_t set_{};
};

}  // namespace tlswarden::cli

#pragma once

#include <chrono>
#include <mutex>

#include "kube/cancellation.hpp"

namespace tlswarden::kube {

/// Waits that somebody else may cut short, again and again. One thread waits; any may ring.
class Alarm {
 public:
  /// Both must outlive it; cancelling ends every wait.
  Alarm(Pause& pause, Cancellation& cancellation) : pause_(pause), cancellation_(cancellation) {}

  /// Returns after `span`, or once it rang since the last wait returned, or when cancelled. Whether it was
  /// for the whole span.
  bool wait(std::chrono::nanoseconds span);
  void ring();
  /// What it rang for until now is known: the next wait is not cut short by it.
  void heard();

 private:
  Pause& pause_;
  Cancellation& cancellation_;
  std::mutex mutex_;
  bool rang_ = false;
  Cancellation* bell_ = nullptr;  ///< of the wait under way
};

}  // namespace tlswarden::kube

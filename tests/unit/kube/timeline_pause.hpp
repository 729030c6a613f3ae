#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "kube/cancellation.hpp"
#include "tests/support/fake_clock.hpp"

namespace tlswarden::kube {

/// Lets a wait of two seconds or more last until the test has moved time on by that much. Shorter ones are
/// over at once, unless the test holds them.
class TimelinePause final : public Pause {
 public:
  explicit TimelinePause(test_support::FakeClock& clock) : clock_(clock) {}

  bool wait(std::chrono::nanoseconds span, const Cancellation& cancellation) override {
    std::unique_lock lock(mutex_);
    const auto until = clock_.monotonic() + span;
    const auto over = [&] { return span < std::chrono::seconds(2) ? !held_ : clock_.monotonic() >= until; };
    // Nobody notifies when something is cancelled.
    while (!over() && !cancellation.cancelled())
      moved_.wait_for(lock, std::chrono::milliseconds(1));
    return !cancellation.cancelled();
  }

  void advance(base::Seconds span) {
    const std::scoped_lock lock(mutex_);
    clock_.advance(span);
    moved_.notify_all();
  }
  void hold_short_waits(bool hold) {
    const std::scoped_lock lock(mutex_);
    held_ = hold;
    moved_.notify_all();
  }

 private:
  test_support::FakeClock& clock_;
  std::mutex mutex_;
  std::condition_variable moved_;
  bool held_ = false;
};

}  // namespace tlswarden::kube

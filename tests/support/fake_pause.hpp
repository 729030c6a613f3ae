#pragma once

#include <chrono>
#include <mutex>
#include <vector>

#include "kube/cancellation.hpp"
#include "tests/support/fake_clock.hpp"

namespace tlswarden::test_support {

/// Waits for nothing and remembers how long it should have; the clock moves on by that, in whole seconds.
class FakePause final : public kube::Pause {
 public:
  explicit FakePause(FakeClock& clock) : clock_(clock) {}
  bool wait(std::chrono::nanoseconds span, const kube::Cancellation& cancellation) override {
    const std::scoped_lock lock(mutex_);
    spans_.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(span));
    clock_.advance(std::chrono::ceil<std::chrono::seconds>(span));
    return !cancellation.cancelled();
  }
  std::vector<std::chrono::milliseconds> spans() const {
    const std::scoped_lock lock(mutex_);
    return spans_;
  }

 private:
  FakeClock& clock_;
  mutable std::mutex mutex_;
  std::vector<std::chrono::milliseconds> spans_;
};

}  // namespace tlswarden::test_support

#pragma once

#include <atomic>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace tlswarden::test_support {

/// Stands still until told to move; both readings move together.
class FakeClock final : public base::Clock {
 public:
  explicit FakeClock(base::WallTime start) : wall_(start.time_since_epoch().count()) {}
  base::WallTime now() const override { return base::WallTime(base::Seconds(wall_.load())); }
  base::MonoTime monotonic() const override { return base::MonoTime(base::Seconds(elapsed_.load() + 1000)); }
  void advance(base::Seconds span) {
    wall_ += span.count();
    elapsed_ += span.count();
  }

 private:
  std::atomic<std::int64_t> wall_;
  std::atomic<std::int64_t> elapsed_{0};
};

/// Answers the same number every time.
class FakeRandom final : public base::Random {
 public:
  explicit FakeRandom(double value) : value_(value) {}
  double unit() override { return value_; }

 private:
  double value_;
};

}  // namespace tlswarden::test_support

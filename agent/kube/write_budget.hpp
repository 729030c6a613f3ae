#pragma once

#include <chrono>
#include <mutex>

#include "base/clock.hpp"

namespace tlswarden::kube {

/// How often this process may write to the API server: a token bucket, for all writers together. Reads and
/// watches are not counted. Safe from any thread.
class WriteBudget {
 public:
  /// `clock` must outlive this object; `per_second` is positive, `burst` at least 1.
  WriteBudget(const base::Clock& clock, double per_second, double burst);

  /// Takes one write from the budget and tells how long to wait before doing it.
  std::chrono::nanoseconds take();

 private:
  const base::Clock& clock_;
  const double per_second_, burst_;
  std::mutex mutex_;
  double left_;
  base::MonoTime refilled_;
};

}  // namespace tlswarden::kube

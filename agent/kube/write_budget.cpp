#include "kube/write_budget.hpp"

#include <algorithm>

namespace tlswarden::kube {

WriteBudget::WriteBudget(const base::Clock& clock, double per_second, double burst)
    : clock_(clock), per_second_(per_second), burst_(burst), left_(burst), refilled_(clock.monotonic()) {}

std::chrono::nanoseconds WriteBudget::take() {
  const std::scoped_lock lock(mutex_);
  const base::MonoTime now = clock_.monotonic();
  const std::chrono::duration<double> passed = now - refilled_;
  refilled_ = now;
  // Below zero stand the writes that wait already.
  left_ = std::min(burst_, left_ + passed.count() * per_second_) - 1;
  if (left_ >= 0) return std::chrono::nanoseconds(0);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(-left_ / per_second_));
}

}  // namespace tlswarden::kube

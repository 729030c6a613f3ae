#include "kube/backoff.hpp"

#include <algorithm>

namespace tlswarden::kube {
namespace {

constexpr std::chrono::nanoseconds kFirst = std::chrono::milliseconds(800);
constexpr std::chrono::nanoseconds kForgotten = std::chrono::minutes(2);

}  // namespace

std::chrono::nanoseconds Backoff::next() {
  const base::MonoTime now = clock_.monotonic();
  const bool afresh = !last_ || now - *last_ > kForgotten;
  span_ = afresh ? kFirst : std::min(span_ * 2, longest_);
  const std::chrono::duration<double, std::nano> jittered = span_ * (1.0 + random_.unit());
  const auto wait = std::chrono::duration_cast<std::chrono::nanoseconds>(jittered);
  // Counted from the end of the wait: a long one must not look like two quiet minutes.
  last_ = now + std::chrono::duration_cast<base::MonoTime::duration>(wait);
  return wait;
}

}  // namespace tlswarden::kube

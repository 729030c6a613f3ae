#include "kube/alarm.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace tlswarden::kube {
namespace {

/// How long a bell that could not be hung up may stay unheard.
constexpr std::chrono::milliseconds kDeaf{100};

}  // namespace

bool Alarm::wait(std::chrono::nanoseconds span) {
  try {
    Cancellation bell(&cancellation_);
    {
      const std::scoped_lock lock(mutex_);
      if (std::exchange(rang_, false)) return false;
      bell_ = &bell;
    }
    const bool whole = pause_.wait(span, bell);
    const std::scoped_lock lock(mutex_);
    bell_ = nullptr;
    rang_ = false;
    return whole;
  } catch (const std::system_error&) {
    // No file descriptor is left for it: a short wait is as good, as long as that lasts.
    return pause_.wait(std::min<std::chrono::nanoseconds>(span, kDeaf), cancellation_) && span <= kDeaf;
  }
}

void Alarm::ring() {
  const std::scoped_lock lock(mutex_);
  rang_ = true;
  if (bell_ != nullptr) bell_->cancel();
}

void Alarm::heard() {
  const std::scoped_lock lock(mutex_);
  rang_ = false;
}

}  // namespace tlswarden::kube

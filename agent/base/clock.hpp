#pragma once

#include <chrono>

namespace tlswarden::base {

/// A point of civil time in UTC, in whole seconds: what certificates and conditions are dated with.
using WallTime = std::chrono::sys_seconds;
/// A point on a clock that never jumps: what deadlines and durations are measured with.
using MonoTime = std::chrono::steady_clock::time_point;
using Seconds = std::chrono::seconds;

/// The only source of time. Passed by reference; implementations are safe to call from any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  virtual WallTime now() const = 0;
  virtual MonoTime monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime now() const override;
  MonoTime monotonic() const override;
};

}  // namespace tlswarden::base

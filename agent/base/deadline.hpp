#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"

namespace tlswarden::base {

/// The instant by which a whole operation must be over. A value; every function that waits takes one.
class Deadline {
 public:
  explicit Deadline(MonoTime at) : at_(at) {}
  static Deadline after(const Clock& clock, std::chrono::nanoseconds span) {
    return Deadline(clock.monotonic() + std::chrono::duration_cast<MonoTime::duration>(span));
  }

  MonoTime at() const { return at_; }
  bool passed(MonoTime now) const { return now >= at_; }
  /// Never negative.
  std::chrono::nanoseconds left(MonoTime now) const {
    return std::max(std::chrono::nanoseconds(at_ - now), std::chrono::nanoseconds(0));
  }
  /// The earlier of this deadline and `span` from `now`: a stage's share of the whole.
  Deadline at_most(MonoTime now, std::chrono::nanoseconds span) const {
    return Deadline(std::min(at_, now + std::chrono::duration_cast<MonoTime::duration>(span)));
  }

 private:
  MonoTime at_;
};

}  // namespace tlswarden::base

#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"

namespace tlswarden::kube {

/// Tells in the log what was lost, without filling it: the first at once, then how many at most every ten
/// minutes. Safe from any thread.
class LossLog {
 public:
  /// `clock` must outlive this object. `what` is followed by the number: "events that were not written".
  LossLog(const base::Clock& clock, std::string what) : clock_(clock), what_(std::move(what)) {}

  /// `why`: one clause; of several the last is told.
  void add(const std::string& why, std::uint64_t count = 1);
  /// Tells what has not been told yet, if it is time; at once when `final`.
  void tell(bool final = false);

 private:
  void write(base::MonoTime now);

  const base::Clock& clock_;
  const std::string what_;
  std::mutex mutex_;
  std::uint64_t untold_ = 0;
  std::string why_;
  std::optional<base::MonoTime> told_;
};

}  // namespace tlswarden::kube

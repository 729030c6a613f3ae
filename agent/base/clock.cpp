#include "base/clock.hpp"

namespace tlswarden::base {

WallTime SystemClock::now() const {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

MonoTime SystemClock::monotonic() const {
  return std::chrono::steady_clock::now();
}

}  // namespace tlswarden::base

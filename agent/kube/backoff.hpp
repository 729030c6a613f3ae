#pragma once

#include <chrono>
#include <optional>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace tlswarden::kube {

/// The waits between attempts of one reflector, as client-go chooses them: 0.8 s, doubled each time up to
/// `longest`, each drawn from [d, 2 d); back to the beginning when none was needed for 2 minutes. Not
/// thread-safe.
class Backoff {
 public:
  /// Both must outlive this object.
  Backoff(const base::Clock& clock, base::Random& random,
          std::chrono::nanoseconds longest = std::chrono::seconds(30))
      : clock_(clock), random_(random), longest_(longest) {}
  std::chrono::nanoseconds next();
  /// What the waits were for is over.
  void reset() { last_.reset(); }

 private:
  const base::Clock& clock_;
  base::Random& random_;
  const std::chrono::nanoseconds longest_;
  std::chrono::nanoseconds span_{0};
  std::optional<base::MonoTime> last_;
};

}  // namespace tlswarden::kube

#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::verdict {

/// From when to when a certificate is valid.
struct Validity {
  std::optional<base::WallTime> not_before;  ///< unknown for what only an old status tells of
  base::WallTime not_after{};

  /// Its last second counts (RFC 5280 section 4.1.2.5).
  std::optional<base::Seconds> lifetime() const {
    return not_before ? std::optional(not_after - *not_before + base::Seconds(1)) : std::nullopt;
  }
};

/// When to rotate so that nothing expires meanwhile. A window is usable when it opens within the
/// certificate's life and ends rotation.leadTime before its expiry.
struct RotationPlan {
  base::WallTime deadline{};  ///< the expiry less the lead time
  /// When the last usable window opens; the deadline where no window is declared or none is usable. The same
  /// at all times for one certificate and spec.
  base::WallTime rotate_by{};
  std::optional<resource::TimeWindow> window;  ///< the last usable one; while it is not over
  std::string time_zone;                       ///< of `window`
  bool no_window_left = false;                 ///< there were usable windows, but all are over
  bool last_window = false;                    ///< `window` is the only one left
  /// How long a certificate would have to live for a whole window to be usable in any life of that length;
  /// only where this one lives shorter, or not longer than the lead time.
  std::optional<base::Seconds> shortest_life;
};

/// Where several windows overlap, the last is the one that opens last; once that has closed, another that is
/// still open. Looks at a few days around the deadline and never walks through years. Error: a window that
/// cannot be read.
base::Result<RotationPlan> plan_rotation(const resource::RotationSpec& rotation, const Validity& validity,
                                         base::WallTime now);

}  // namespace tlswarden::verdict

#pragma once

#include <optional>
#include <span>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::verdict {

/// When to rotate so that nothing expires meanwhile.
struct RotationPlan {
  base::WallTime rotate_by{};                  ///< the end of `window`, or the expiry less the lead time
  std::optional<resource::TimeWindow> window;  ///< the last one that ends in time and is not over yet
  bool no_window_left = false;                 ///< windows are declared, but none is left before the expiry
  bool last_window = false;                    ///< `window` is the only one left
};

/// Windows recur weekly on their days (every day where none is named), start at a local time of their IANA
/// zone and may cross midnight or a change of summer time; a start that the clocks skip is taken at the
/// change, one that occurs twice at its first occurrence. Error: an unknown zone or an unreadable start, day
/// or duration.
base::Result<RotationPlan> plan_rotation(const resource::RotationSpec& rotation, base::WallTime not_after,
                                         base::WallTime now);

/// From when on plan_rotation() says that there is one window left at most: the end of the last but one that
/// ends in time. Nothing where no window is declared or one cannot be understood.
std::optional<base::WallTime> last_chance_from(const resource::RotationSpec& rotation,
                                               base::WallTime not_after);

/// The last occurrence of any window that ends after `after` and not later than `latest`.
base::Result<std::optional<resource::TimeWindow>> last_window(
    std::span<const resource::MaintenanceWindow> windows, base::WallTime after, base::WallTime latest);

}  // namespace tlswarden::verdict

#pragma once

#include <optional>

#include "base/clock.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::verdict {

/// How long before its end a certificate counts as due, and as critical.
struct Thresholds {
  base::Seconds warn{}, critical{};
  bool warn_replaced = false;      ///< the default stands in for rotation.warnBefore
  bool critical_replaced = false;  ///< the default stands in for rotation.criticalBefore
};

/// What rotation.warnBefore and criticalBefore mean for a certificate that lives for `lifetime`. They default
/// to a third of it and 28 days at most, and to a sixth of it and 14 days at most (the most where the
/// lifetime is not known). A declared share is taken as it is. A declared duration that is longer than half
/// of the lifetime was meant for certificates that live longer, and would call this one due for most of its
/// life: the default stands in for it, and then also for a criticalBefore that is not shorter. The default
/// of criticalBefore is never longer than warnBefore: where it would be, it is half of that.
Thresholds thresholds_for(const resource::RotationSpec& rotation, std::optional<base::Seconds> lifetime);

}  // namespace tlswarden::verdict

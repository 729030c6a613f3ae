#pragma once

#include "verdict/assessment.hpp"
#include "verdict/condition_text.hpp"

namespace tlswarden::verdict {

/// RotationRecommended: what is due and by when, else what will be first; where spec.rotation does not suit
/// the certificate, that too.
Answer rotation_recommended(const Assessment& assessment);

/// The last moment at which the rotation is still in time: as long as it lies ahead rotate_by, then the end
/// of the window that is open, and where no window is left the deadline itself.
base::WallTime act_by(const RotationVerdict::Due& due, base::WallTime now);

}  // namespace tlswarden::verdict

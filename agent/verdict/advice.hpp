#pragma once

#include <vector>

#include "verdict/assessment.hpp"

namespace tlswarden::verdict {

/// What to do, most urgent first; within one urgency in the order in which one would do it: first what stands
/// in the way of everything else (references, the network), then the declared mode, then what runs out, then
/// what could be better. A fix always stands before a weaker mode, and each action occurs once.
///
/// Urgency: Now for what breaks clients that follow the spec, or will within rotation.criticalBefore; Soon
/// for what is due by rotation.warnBefore; Planned for a stronger mode and for weaknesses that only some
/// clients mind; Consider for what widens the picture. An item that is Now makes the whole endpoint critical.
std::vector<resource::Advice> build_advice(const Assessment& assessment);

/// Advice on rotation alone, for the times when nothing else can be told.
std::vector<resource::Advice> rotation_advice(const Assessment& assessment);
/// Whether that is where the item comes from.
bool is_about_rotation(const resource::Advice& item);

}  // namespace tlswarden::verdict

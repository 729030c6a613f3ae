#pragma once

#include <vector>

#include "verdict/assessment.hpp"

namespace tlswarden::verdict {

/// The condition Ready: the first declared thing that does not hold, or else the first that cannot be told,
/// in the order in which one would repair them. `conditions` are all the others.
resource::Condition judge_ready(const Assessment& assessment,
                                const std::vector<resource::Condition>& conditions);

}  // namespace tlswarden::verdict

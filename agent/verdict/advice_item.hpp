#pragma once

#include <string>
#include <vector>

#include "verdict/assessment.hpp"

namespace tlswarden::verdict {

/// The action for a finding that keeps something declared from holding, with a sentence and steps made for
/// this engine: how TLS is enabled there, how a new certificate is taken up and at what cost, what to grant.
/// Falls back to the reason's own entry.
resource::Advice advise(const Finding& finding, resource::Urgency urgency, const Assessment& assessment);

}  // namespace tlswarden::verdict

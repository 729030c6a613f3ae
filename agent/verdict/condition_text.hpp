#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probe/observation.hpp"
#include "resource/status.hpp"
#include "verdict/finding.hpp"

namespace tlswarden::verdict {

/// One condition's answer before it becomes a resource::Condition.
struct Answer {
  resource::ConditionStatus status = resource::ConditionStatus::kUnknown;
  Finding finding;
};

/// The next step that the reason's entry names; empty where nothing needs to be done.
std::string next_step(std::string_view reason);

/// Several faults, at least one, as one finding: the first one's reason and the sentences of all.
Finding joined(const std::vector<Finding>& faults);

/// A condition with its message: the sentence, the next step where the state is not the good one, the
/// server's words.
resource::Condition to_condition(const char* type, const Answer& answer, std::int64_t generation);

/// "10.0.0.7:5432", "[::1]:5432".
std::string shown(const net::Address& address);

}  // namespace tlswarden::verdict

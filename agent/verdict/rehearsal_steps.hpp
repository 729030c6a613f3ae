#pragma once

#include <string>
#include <vector>

#include "verdict/judge.hpp"

namespace tlswarden::verdict {

/// What to do about a rehearsal's answer (a reason that judge_rehearsal gave) where this endpoint's material
/// is declared: commands for its Secret, ConfigMap or file. Empty where nothing can be said.
std::vector<std::string> rehearsal_steps(const JudgeInput& input, const std::string& reason);

}  // namespace tlswarden::verdict

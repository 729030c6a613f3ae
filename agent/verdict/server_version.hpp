#pragma once

#include <string>

#include "resource/status.hpp"
#include "verdict/finding.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

/// What the server reports as its version, the login's word before the greeting's; empty when it told none.
std::string reported_version(const probe::Observation& observation);
/// The same without packaging suffix, fit to be shown; empty when there is none.
std::string shown_version(resource::Engine engine, const probe::Observation& observation);

struct VersionVerdict {
  resource::ConditionStatus status = resource::ConditionStatus::kUnknown;
  Finding finding;
};

/// The reported version against spec.expectedServerVersion.
VersionVerdict judge_version(const JudgeInput& input);

}  // namespace tlswarden::verdict

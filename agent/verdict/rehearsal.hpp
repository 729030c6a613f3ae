#pragma once

#include "pki/verification.hpp"
#include "resource/status.hpp"
#include "verdict/finding.hpp"
#include "verdict/identity.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

struct RehearsalVerdict {
  resource::ConditionStatus status = resource::ConditionStatus::kUnknown;
  Finding finding;
};

/// Whether clients of this endpoint would survive the switch to spec.tls.nextCA. `identity` is null when no
/// certificate was seen.
RehearsalVerdict judge_rehearsal(const JudgeInput& input, const Identity* identity,
                                 pki::VerificationCache& cache);

}  // namespace tlswarden::verdict

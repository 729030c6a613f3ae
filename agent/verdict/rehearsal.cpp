#include "verdict/rehearsal.hpp"

#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {

RehearsalVerdict judge_rehearsal(const JudgeInput& /*input*/, const Identity* /*identity*/,
                                 pki::VerificationCache& /*cache*/) {
  return {resource::ConditionStatus::kUnknown, {reason::kNotDeclared, "spec.tls.nextCA is not declared", {}}};
}

}  // namespace tlswarden::verdict

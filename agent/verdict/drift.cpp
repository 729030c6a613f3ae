#include "verdict/drift.hpp"

#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {

DriftVerdict judge_drift(const JudgeInput& /*input*/) {
  return {resource::ConditionStatus::kUnknown,
          {reason::kNotDeclared, "spec.servedCertificate is not declared", {}},
          std::nullopt};
}

}  // namespace tlswarden::verdict

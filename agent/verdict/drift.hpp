#pragma once

#include <optional>

#include "resource/status.hpp"
#include "verdict/finding.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

struct DriftVerdict {
  resource::ConditionStatus status = resource::ConditionStatus::kUnknown;
  Finding finding;
  std::optional<resource::DeclaredCertificateStatus> declared;  ///< what spec.servedCertificate holds now
};

/// Whether the server serves the certificate that spec.servedCertificate declares.
DriftVerdict judge_drift(const JudgeInput& input);

}  // namespace tlswarden::verdict

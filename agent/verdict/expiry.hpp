#pragma once

#include <optional>
#include <string>
#include <vector>

#include "resource/status.hpp"
#include "verdict/finding.hpp"
#include "verdict/path_certificates.hpp"
#include "verdict/rotation_plan.hpp"
#include "verdict/thresholds.hpp"

namespace tlswarden::verdict {

enum class RotationState { kNotDue, kDue, kCritical, kExpired };

struct RotationVerdict {
  /// One certificate and when it must be rotated.
  struct Due {
    PathCertificate certificate;
    RotationState state{};
    RotationPlan plan{};
    Finding finding;                        ///< empty where nothing is due
    resource::RotationProgress progress{};  ///< never kDone
  };
  RotationState state = RotationState::kNotDue;  ///< the worst
  std::optional<resource::Expiry> expiry;        ///< of the certificate that expires first
  std::vector<Due> all;                          ///< the first to expire first
  std::vector<Due> due;                          ///< most urgent first; empty when nothing is due
  std::optional<Finding> plan_fault;             ///< a maintenance window that cannot be understood
  /// One of them lives too shortly for spec.rotation to leave it a sure time to be rotated in.
  std::optional<Finding> misfit;
  /// Clauses about declared thresholds that do not apply to what expires first; may be empty.
  std::vector<std::string> remarks;
};

/// Against the thresholds of thresholds_for(). A certificate is due also when the maintenance window ahead
/// is the last usable one, from the moment at which it must be rotated on, and when no window is left. For
/// one certificate and spec, neither the state nor the progress goes backwards as time goes on.
RotationVerdict judge_rotation(const PathCertificates& certificates, const resource::RotationSpec& rotation,
                               base::WallTime now);

/// How long before its end a certificate counts as due, and as critical.
base::Seconds warn_before(const resource::RotationSpec& rotation, const PathCertificate& certificate);
base::Seconds critical_before(const resource::RotationSpec& rotation, const PathCertificate& certificate);

/// The moments at which judge_rotation() begins to call a certificate due, and critical; the former is never
/// the later one.
base::WallTime due_from(const resource::RotationSpec& rotation, const PathCertificate& certificate);
base::WallTime critical_from(const resource::RotationSpec& rotation, const PathCertificate& certificate);

}  // namespace tlswarden::verdict

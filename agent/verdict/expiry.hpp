#pragma once

#include <optional>
#include <string>
#include <vector>

#include "resource/status.hpp"
#include "verdict/finding.hpp"
#include "verdict/identity.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

/// A certificate that a connection depends on.
struct DatedCertificate {
  std::string role;  ///< leaf, intermediate, root, client
  std::string subject;
  std::optional<base::WallTime> not_before;  ///< unknown for what only an old status tells of
  base::WallTime not_after{};
};

/// Everything whose end ends the connection: the verified path (not whatever else the server sends), or the
/// chain as served where no path was found; the declared CA where no path reaches it; the declared client
/// certificate. Where this observation saw no certificate, what the last status knew: an outage must not hide
/// an expiry.
std::vector<DatedCertificate> dated_certificates(const JudgeInput& input, const Identity* identity);

enum class RotationState { kNotDue, kDue, kCritical, kExpired };

struct RotationVerdict {
  /// One certificate that must be rotated.
  struct Due {
    DatedCertificate certificate;
    RotationState state{};
    base::WallTime rotate_by{};
    std::optional<resource::TimeWindow> window;
    bool no_window_left = false;
    Finding finding;
  };
  RotationState state = RotationState::kNotDue;  ///< the worst
  std::optional<resource::Expiry> expiry;        ///< of the certificate that expires first
  std::vector<Due> due;                          ///< most urgent first; empty when nothing is due
  std::optional<Finding> plan_fault;             ///< a maintenance window that cannot be understood
};

/// Against rotation.warnBefore and criticalBefore, which default to the smaller of 28 days and a third of the
/// certificate's lifetime, and of 14 days and a sixth of it. A certificate is due also when the coming
/// maintenance window is the last that ends before its expiry less the lead time, or none is left.
RotationVerdict judge_rotation(const std::vector<DatedCertificate>& certificates,
                               const resource::RotationSpec& rotation, base::WallTime now);

/// How long before its end a certificate counts as due, and as critical.
base::Seconds warn_before(const resource::RotationSpec& rotation, const DatedCertificate& certificate);
base::Seconds critical_before(const resource::RotationSpec& rotation, const DatedCertificate& certificate);

/// The moments at which judge_rotation() begins to call a certificate due, and critical; the former is never
/// the later one.
base::WallTime due_from(const resource::RotationSpec& rotation, const DatedCertificate& certificate);
base::WallTime critical_from(const resource::RotationSpec& rotation, const DatedCertificate& certificate);

/// "leaf", "intermediate" or "root" for each certificate of a chain as it stands in the status.
std::vector<resource::CertificateStatus> describe_chain(const pki::Chain& served);

}  // namespace tlswarden::verdict

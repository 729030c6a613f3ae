#pragma once

#include <optional>

#include "resource/status.hpp"
#include "verdict/finding.hpp"
#include "verdict/identity.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

struct DriftVerdict {
  resource::ConditionStatus status = resource::ConditionStatus::kUnknown;
  Finding finding;
  std::optional<resource::DeclaredCertificateStatus> declared;  ///< what spec.servedCertificate holds now
};

/// Whether the server serves the certificate that spec.servedCertificate declares: compared by the leaf's
/// fingerprint, at every address that was checked.
///
/// True: DeclaredCertificateServed; the sentence names intermediates of the declared chain that are not sent.
/// False: RotationPending, when the declared one is the newer of two for the same names or key, and has been
/// declared for rotation.reloadGrace (Unknown, ReloadAwaited, until then; a check without a history, such as
/// the verb's, does not wait); DeclaredCertificateUnfit, when that newer one would not verify, which is said
/// before it is loaded; ServedCertificateDiffers otherwise. Without spec.servedCertificate as well:
/// CertificateReverted, and MembersDiffer where one address answers with two certificates in turn
/// (served_history.hpp). Else Unknown.
///
/// `served` is the judgement of the first address's chain; null when none was seen.
DriftVerdict judge_drift(const JudgeInput& input, const Identity* served, pki::VerificationCache& cache);

}  // namespace tlswarden::verdict

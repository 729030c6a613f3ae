#pragma once

#include <optional>

#include "pki/verification.hpp"
#include "resource/status.hpp"
#include "verdict/finding.hpp"
#include "verdict/identity.hpp"
#include "verdict/judge.hpp"

/// A CA is rotated in three phases, and each breaks clients when it comes before the one above it:
///
/// 1. the clients' bundles get the next CA beside the old one,
/// 2. the servers get certificates that the next CA issued,
/// 3. the bundles lose the old CA.
///
/// The rehearsal tells from one endpoint which of them it waits for. spec.tls.ca stands for what clients
/// trust now, spec.tls.nextCA for what they are to trust in the end. In the order of what is to be done
/// first:
///
/// - NextCAUnusable: nextCA holds no root that is in date, so nothing could verify with it.
/// - BundleMissingNextCA: the chain that is served needs the old CA, and `ca` lacks the next one: clients
/// with
///   this bundle break as soon as the server switches. Phase 1.
/// - OldCAStillNeeded: the bundle is ready, but the served chain does not verify with nextCA alone: without
///   the old CA this endpoint breaks. Phase 2.
/// - SafeToSwitch: the served chain verifies with nextCA alone, with the name where the declared mode looks
///   at it. Phase 3. Also where the declared mode verifies nothing, as verifies_chain() tells.
///
/// A chain that is at fault for another reason (expired, wrong name, an intermediate that nextCA lacks) keeps
/// that reason. Several certificates in nextCA are alternatives for the server, so that the chain needs one
/// of them, but all of them that are in date have to be in the bundle before the server may use any. What is
/// not claimed: whether the server goes on accepting client certificates of the old CA, which it does not
/// tell.
namespace tlswarden::verdict {

struct RehearsalVerdict {
  resource::ConditionStatus status = resource::ConditionStatus::kUnknown;
  Finding finding;
  bool declared = false;           ///< spec.tls.nextCA is, whether or not it can be used
  bool old_ca_needed = false;      ///< the mode verifies, and the served chain ends at a CA of `ca` alone
  bool bundle_lacks_next = false;  ///< the mode verifies, and `ca` does not hold the next CA
  std::optional<resource::Urgency> urgency{};  ///< of the advice; none where there is none of its own
};

/// Whether clients of this endpoint would survive the switch to spec.tls.nextCA. `identity` is null when no
/// certificate was seen: then it is Unknown, unless the certificate does not matter.
RehearsalVerdict judge_rehearsal(const JudgeInput& input, const Identity* identity,
                                 pki::VerificationCache& cache);

/// The problem that keeps spec.tls.nextCA from being used; null when there is none. It is no fault of the
/// endpoint as it is now.
const pki::MaterialProblem* next_ca_problem(const pki::Material& material);

}  // namespace tlswarden::verdict

#pragma once

#include <optional>
#include <vector>

#include "pki/verification.hpp"
#include "probe/observation.hpp"
#include "resource/status.hpp"
#include "verdict/chain_quality.hpp"
#include "verdict/finding.hpp"

namespace tlswarden::verdict {

/// What the server's stapled OCSP response and the revocation lists of the declared bundle say. Nothing is
/// fetched for this.
struct RevocationVerdict {
  /// CertificateRevoked, at most one for each certificate of the path. They are no faults of the chain:
  /// the engines' own clients connect all the same unless they are told to look.
  std::vector<Finding> revoked;
  std::vector<Remark> remarks;                   ///< a staple or a list that is stale, unusable or missing
  std::optional<resource::StapleStatus> staple;  ///< of a response that can be believed, stale or not
};

/// Judges what came with the chain that was seen. The staple is judged as of the look, since the server
/// renews it without us; the lists of `trust`, which only the user can renew, as of `now`. `path` is what was
/// built of the chain, leaf first. `trust` may be null; `seen` must have a chain.
RevocationVerdict judge_revocation(const probe::Observation& seen, const pki::Chain& path,
                                   const pki::TrustStore* trust, base::WallTime now,
                                   pki::VerificationCache& cache);

}  // namespace tlswarden::verdict

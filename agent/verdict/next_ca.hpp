#pragma once

#include <optional>

#include "pki/trust_store.hpp"
#include "pki/verification.hpp"
#include "verdict/finding.hpp"

namespace tlswarden::verdict {

/// The certificates of spec.tls.nextCA that a chain could end at.
struct NextRoots {
  pki::Chain usable;             ///< self-signed and in date
  std::optional<Finding> fault;  ///< set when none is usable: why
};

/// As in verification, only a self-signed certificate is an anchor. One without the CA flag counts, for it
/// may be the certificate that the server itself is going to serve.
NextRoots next_roots(const pki::TrustStore& next, base::WallTime now);

/// Whether both stand for one authority, so that what the one has issued verifies with the other: the same
/// name and key, and no key identifiers that contradict each other (RFC 5280 section 4.2.1.1). A re-issued
/// and a cross-signed root are the same authority as the first.
bool same_authority(const pki::CertificateFacts& a, const pki::CertificateFacts& b);

/// Whether a chain under `root` would verify with `store`, whatever the server sends: it holds the authority
/// as a root in date, or cross-signed under another of its roots.
bool holds(const pki::TrustStore& store, const pki::Certificate& root, base::WallTime now,
           pki::VerificationCache& cache);

}  // namespace tlswarden::verdict

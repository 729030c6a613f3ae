#pragma once

#include <string>
#include <vector>

#include "pki/material.hpp"
#include "pki/name_match.hpp"
#include "pki/verification.hpp"
#include "resource/engine.hpp"
#include "verdict/chain_quality.hpp"
#include "verdict/finding.hpp"
#include "verdict/revocation.hpp"

namespace tlswarden::verdict {

/// What a served chain is worth: to the declared trust, to the name, and by its own strength. Plain data.
struct Identity {
  bool trust_known = true;  ///< false: spec.tls.ca cannot be used, so nothing is said about the chain
  /// Empty: the chain verifies. Most fundamental first; weak keys and signatures, which OpenSSL's security
  /// level 2 refuses when it verifies, come last.
  std::vector<Finding> chain_faults;
  std::vector<Finding> name_faults;  ///< at most one
  /// Worth saying although the chain verifies: CommonNameOnly, IntermediateNotSent.
  std::vector<Finding> remarks;
  std::vector<Remark> quality;   ///< of a chain that verifies: what is untidy about it
  RevocationVerdict revocation;  ///< left empty by judge_identity
  pki::Chain path;               ///< leaf first; what was built of it
  bool anchored = false;         ///< the path ends in the trust store

  bool chain_ok() const { return trust_known && chain_faults.empty(); }
  /// Of all remarks the one to show where there is room for one; null when nothing needs to be done soon.
  const Finding* foremost_remark() const;
};

/// Judges `served` (leaf first, not empty) for `name` by the rules of the engine's own client.
Identity judge_identity(const pki::Chain& served, const pki::Material& material, const std::string& name,
                        resource::NameRules rules, base::WallTime now, pki::VerificationCache& cache);

/// What spec.tls.ca is called in messages.
std::string name_of(const pki::TrustStore& trust);

pki::NamePolicy name_policy(resource::NameRules rules);

/// The names a certificate is for, as people read them: SANs, or the common name marked as such.
std::string names_of(const pki::CertificateFacts& facts);

}  // namespace tlswarden::verdict

#pragma once

#include <string>
#include <vector>

#include "pki/certificate.hpp"
#include "resource/status.hpp"
#include "verdict/finding.hpp"

namespace tlswarden::verdict {

/// Something worth saying although the chain verifies, and how soon to act on it. What is only worth
/// considering stays out of the conditions.
struct Remark {
  Finding finding;
  resource::Urgency urgency = resource::Urgency::kConsider;
};

/// What is untidy about a chain that verifies: its order, what is in it besides the path, and what kind of
/// certificate the server shows as its own. `path` is what was built of `served`, leaf first. A certificate
/// that belongs to another path to the leaf (a cross-signed CA) is in order while it is in date.
std::vector<Remark> judge_chain_quality(const pki::Chain& served, const pki::Chain& path, base::WallTime now);

/// "'name'" as people know a certificate: its common name, else its whole subject.
std::string quoted_name(const pki::CertificateFacts& facts);

}  // namespace tlswarden::verdict

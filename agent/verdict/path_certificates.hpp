#pragma once

#include <string>
#include <vector>

#include "pki/material.hpp"
#include "pki/verification.hpp"
#include "probe/observation.hpp"
#include "resource/status.hpp"
#include "verdict/identity.hpp"
#include "verdict/judge.hpp"
#include "verdict/rotation_plan.hpp"

namespace tlswarden::verdict {

/// A certificate that connections to an endpoint depend on. Plain data.
struct PathCertificate {
  /// leaf; intermediate; ca, the certificate of the trust store that the path ends at; root, as served, where
  /// the path ends in no trust store; client.
  std::string role;
  std::string sha256{}, subject{}, issuer{};
  base::WallTime not_before{}, not_after{};
  /// Whether what it says of itself can be believed: it is declared, it is of the trust store, or its path
  /// verifies but for dates. Not told by certificates_to_rotate(), which judges dates alone.
  bool verified = false;
  bool behind_client = false;  ///< of role client, but sent behind the client's certificate

  Validity validity() const { return {not_before, not_after}; }
  bool operator==(const PathCertificate&) const = default;
};
using PathCertificates = std::vector<PathCertificate>;

/// No path that is in use is longer; what a peer adds beyond it is left out, so that nobody can fill pages
/// and metrics.
inline constexpr std::size_t kMostServedInPath = 8;

/// What a connection depends on: the path as it was built rather than whatever else is served; the chain as
/// served where `path` is null (there is no trust store) or empty; and the declared client certificate with
/// the intermediates that it is presented with. A self-signed certificate that is itself trusted is leaf and
/// ca at once. Each certificate occurs once in each role; what follows the client certificate is its alone.
/// Pure.
PathCertificates certificates_in_path(const pki::Chain& served, const pki::ChainVerification* path,
                                      const pki::Chain& client);

/// The same of what was seen at one server; the observation's further members are not looked at.
PathCertificates certificates_of_server(const probe::Observation& observation, const pki::Material& material,
                                        base::WallTime now, pki::VerificationCache& cache);
/// The same of an observation with its members.
PathCertificates certificates_in_path(const probe::Observation& observation, const pki::Material& material,
                                      base::WallTime now, pki::VerificationCache& cache);

/// What is left of it in a status: the chain as served, unverified, and what the path took from the trust
/// store.
PathCertificates certificates_in_path(const resource::EndpointStatus& status);

/// Everything whose end ends the connection, as one server's observation is judged: the verified path (not
/// whatever else the server sends), or the chain as served where no path was found; the declared CA where no
/// path reaches it; the declared client certificate and all that is declared behind it. A CA has the role
/// root here, as in a status. Where this observation saw no certificate (`identity` is null), what the last
/// status knew: an outage must not hide an expiry.
PathCertificates certificates_to_rotate(const JudgeInput& input, const Identity* identity);

}  // namespace tlswarden::verdict

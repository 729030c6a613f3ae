#include "verdict/path_certificates.hpp"

#include <algorithm>
#include <utility>

#include "verdict/path_description.hpp"

namespace tlswarden::verdict {
namespace {

using pki::ChainFault;

PathCertificate describe(std::string role, const pki::CertificateFacts& facts, bool verified) {
  return {std::move(role),  facts.sha256,    facts.subject, facts.issuer,
          facts.not_before, facts.not_after, verified};
}

PathCertificate describe(std::string role, const resource::CertificateStatus& seen, bool verified) {
  return {std::move(role), seen.sha256, seen.subject, seen.issuer, seen.not_before, seen.not_after, verified};
}

bool concerns_dates_alone(ChainFault fault) {
  switch (fault) {
    case ChainFault::kLeafExpired:
    case ChainFault::kLeafNotYetValid:
    case ChainFault::kIntermediateExpired:
    case ChainFault::kAnchorExpired:
      return true;
    default:
      return false;
  }
}

/// Each certificate once in each role; whoever can vouch for it does.
void add(PathCertificates& certificates, PathCertificate one) {
  const auto known = std::find_if(certificates.begin(), certificates.end(), [&](const auto& other) {
    return other.role == one.role && other.sha256 == one.sha256;
  });
  if (known == certificates.end()) {
    certificates.push_back(std::move(one));
  } else {
    known->verified = known->verified || one.verified;
  }
}

void append_path(const Identity& identity, PathCertificates& certificates) {
  for (std::size_t i = 0; i < identity.path.size(); ++i) {
    const pki::CertificateFacts& facts = identity.path[i]->facts;
    const bool anchor = identity.anchored && i > 0 && i + 1 == identity.path.size();
    certificates.push_back(describe(anchor ? "root" : role_in_chain(facts, i), facts, false));
  }
}

/// While one certificate of a bundle lives, the bundle may still serve: the last to expire speaks for it.
void append_bundle(const pki::Material& material, PathCertificates& certificates) {
  if (!material.ca_declared || !material.trust || material.trust->anchors.empty()) return;
  const auto& anchors = material.trust->anchors;
  const auto last = std::max_element(anchors.begin(), anchors.end(), [](const auto& a, const auto& b) {
    return a->facts.not_after < b->facts.not_after;
  });
  certificates.push_back(describe("root", (*last)->facts, false));
}

void append_remembered(const resource::EndpointStatus& previous, PathCertificates& certificates) {
  if (!previous.tls) return;
  for (const resource::CertificateStatus& seen : previous.tls->chain) {
    if (was_in_path(previous, seen)) certificates.push_back(describe(seen.role, seen, false));
  }
  for (const resource::CertificateStatus& known : previous.tls->from_trust_store)
    certificates.push_back(describe(known.role, known, false));
}

}  // namespace

PathCertificates certificates_in_path(const pki::Chain& served, const pki::ChainVerification* path,
                                      const pki::Chain& client) {
  PathCertificates certificates;
  const bool anchored = path != nullptr && path->anchored && !path->path.empty();
  const bool verified =
      anchored && std::all_of(path->faults.begin(), path->faults.end(), concerns_dates_alone);
  const pki::Chain& chain = path != nullptr && !path->path.empty() ? path->path : served;
  // The last certificate of an anchored path is its CA; if it is the first as well, it is both.
  const std::size_t before_ca = anchored && chain.size() > 1 ? chain.size() - 1 : chain.size();
  for (std::size_t i = 0; i < std::min(before_ca, kMostServedInPath); ++i)
    add(certificates, describe(role_in_chain(chain[i]->facts, i), chain[i]->facts, verified));
  if (anchored) add(certificates, describe("ca", chain.back()->facts, true));
  for (std::size_t i = 0; i < std::min(client.size(), kMostServedInPath); ++i) {
    const pki::CertificateFacts& facts = client[i]->facts;
    // A root in this file decides nothing: the server has its own.
    if (i == 0 || !facts.self_issued)
      add(certificates, describe(i == 0 ? "client" : "intermediate", facts, true));
  }
  return certificates;
}

PathCertificates certificates_of_server(const probe::Observation& observation, const pki::Material& material,
                                        base::WallTime now, pki::VerificationCache& cache) {
  const pki::Chain none;
  const pki::Chain& served = observation.tls ? observation.tls->chain : none;
  const bool has_path = material.trust && !served.empty();
  const pki::ChainVerification* path =
      has_path ? &cache.verify(served, *material.trust, pki::Purpose::kServer, now) : nullptr;
  return certificates_in_path(served, path, material.client_certificates);
}

PathCertificates certificates_in_path(const probe::Observation& observation, const pki::Material& material,
                                      base::WallTime now, pki::VerificationCache& cache) {
  PathCertificates certificates = certificates_of_server(observation, material, now, cache);
  for (const probe::Observation& member : observation.members) {
    for (PathCertificate& theirs : certificates_of_server(member, material, now, cache))
      add(certificates, std::move(theirs));
  }
  return certificates;
}

PathCertificates certificates_in_path(const resource::EndpointStatus& status) {
  PathCertificates certificates;
  if (!status.tls) return certificates;
  const auto add_seen = [&](std::string role, const resource::CertificateStatus& seen, bool verified) {
    add(certificates, describe(std::move(role), seen, verified));
  };
  for (const resource::CertificateStatus& seen : status.tls->chain) {
    if (certificates.size() == kMostServedInPath) break;
    if (was_in_path(status, seen)) add_seen(seen.role, seen, false);
  }
  for (const resource::CertificateStatus& known : status.tls->from_trust_store)
    add_seen(known.role == "root" ? "ca" : known.role, known, true);
  return certificates;
}

PathCertificates certificates_to_rotate(const JudgeInput& input, const Identity* identity) {
  PathCertificates certificates;
  if (identity != nullptr) {
    append_path(*identity, certificates);
  } else if (input.history.previous) {
    append_remembered(*input.history.previous, certificates);
  }
  if (identity == nullptr || !identity->anchored) append_bundle(input.material, certificates);
  bool behind_client = false;
  for (const pki::CertificatePtr& certificate : input.material.client_certificates) {
    certificates.push_back(describe("client", certificate->facts, false));
    certificates.back().behind_client = std::exchange(behind_client, true);
  }
  return certificates;
}

}  // namespace tlswarden::verdict

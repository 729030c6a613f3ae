#include "verdict/dated_certificates.hpp"

#include <algorithm>
#include <utility>

#include "verdict/path_description.hpp"

namespace tlswarden::verdict {
namespace {

using pki::CertificateFacts;

DatedCertificate dated(std::string role, const CertificateFacts& facts) {
  return {std::move(role), facts.subject, facts.not_before, facts.not_after, facts.sha256};
}

void append_path(const Identity& identity, std::vector<DatedCertificate>& certificates) {
  for (std::size_t i = 0; i < identity.path.size(); ++i) {
    const CertificateFacts& facts = identity.path[i]->facts;
    const bool anchor = identity.anchored && i > 0 && i + 1 == identity.path.size();
    certificates.push_back(dated(anchor ? "root" : role_in_chain(facts, i), facts));
  }
}

/// While one certificate of a bundle lives, the bundle may still serve: the last to expire speaks for it.
void append_bundle(const pki::Material& material, std::vector<DatedCertificate>& certificates) {
  if (!material.ca_declared || !material.trust || material.trust->anchors.empty()) return;
  const auto& anchors = material.trust->anchors;
  const auto last = std::max_element(anchors.begin(), anchors.end(), [](const auto& a, const auto& b) {
    return a->facts.not_after < b->facts.not_after;
  });
  certificates.push_back(dated("root", (*last)->facts));
}

DatedCertificate dated(const resource::CertificateStatus& seen) {
  return {seen.role, seen.subject, seen.not_before, seen.not_after, seen.sha256};
}

void append_remembered(const resource::EndpointStatus& previous,
                       std::vector<DatedCertificate>& certificates) {
  if (!previous.tls) return;
  for (const resource::CertificateStatus& seen : previous.tls->chain) {
    if (was_in_path(previous, seen)) certificates.push_back(dated(seen));
  }
  for (const resource::CertificateStatus& known : previous.tls->from_trust_store)
    certificates.push_back(dated(known));
}

}  // namespace

std::vector<DatedCertificate> dated_certificates(const JudgeInput& input, const Identity* identity) {
  std::vector<DatedCertificate> certificates;
  if (identity != nullptr) {
    append_path(*identity, certificates);
  } else if (input.history.previous) {
    append_remembered(*input.history.previous, certificates);
  }
  if (identity == nullptr || !identity->anchored) append_bundle(input.material, certificates);
  bool behind_client = false;
  for (const pki::CertificatePtr& certificate : input.material.client_certificates) {
    certificates.push_back(dated("client", certificate->facts));
    certificates.back().behind_client = std::exchange(behind_client, true);
  }
  return certificates;
}

}  // namespace tlswarden::verdict

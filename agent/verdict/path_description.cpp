#include "verdict/path_description.hpp"

#include <algorithm>

namespace tlswarden::verdict {
namespace {

resource::CertificateStatus describe_certificate(std::string role, const pki::CertificateFacts& facts) {
  return {.role = std::move(role),
          .subject = facts.subject,
          .issuer = facts.issuer,
          .serial_number = facts.serial_number,
          .not_before = facts.not_before,
          .not_after = facts.not_after,
          .sha256 = facts.sha256,
          .dns_names = facts.dns_names,
          .ip_addresses = facts.ip_addresses,
          .key = facts.key,
          .signature = facts.signature};
}

}  // namespace

std::string role_in_chain(const pki::CertificateFacts& facts, std::size_t index) {
  if (index == 0) return "leaf";
  return facts.self_issued ? "root" : "intermediate";
}

std::vector<resource::CertificateStatus> describe_chain(const pki::Chain& served) {
  std::vector<resource::CertificateStatus> chain;
  for (std::size_t i = 0; i < served.size(); ++i)
    chain.push_back(describe_certificate(role_in_chain(served[i]->facts, i), served[i]->facts));
  return chain;
}

std::vector<resource::CertificateStatus> describe_rest(const Identity& identity, const pki::Chain& served) {
  std::vector<resource::CertificateStatus> rest;
  if (!identity.anchored) return rest;
  for (std::size_t i = 1; i + 1 < identity.path.size(); ++i) {
    const pki::CertificateFacts& facts = identity.path[i]->facts;
    const bool sent = std::any_of(served.begin(), served.end(),
                                  [&](const auto& one) { return one->facts.sha256 == facts.sha256; });
    if (!sent) rest.push_back(describe_certificate(role_in_chain(facts, i), facts));
  }
  if (!identity.path.empty()) rest.push_back(describe_certificate("root", identity.path.back()->facts));
  return rest;
}

bool was_in_path(const resource::EndpointStatus& status, const resource::CertificateStatus& served) {
  return !status.expiry || served.not_after >= status.expiry->not_after;
}

}  // namespace tlswarden::verdict

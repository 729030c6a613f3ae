#include "cli/endpoint_facts.hpp"

#include <algorithm>
#include <utility>

#include "resource/manifest_references.hpp"
#include "verdict/assessment.hpp"

namespace tlswarden::cli {
namespace {

using resource::Reference;

/// Nothing for what is written into the spec itself, which nobody can share.
std::optional<ReferenceUse> use_of(const Reference& reference, const FactSources& sources) {
  const std::string& ns = sources.endpoint.metadata.ns;
  switch (reference.kind) {
    case Reference::Kind::kSecretKey:
      return ReferenceUse{"Secret", ns, reference.name, reference.key, {}};
    case Reference::Kind::kConfigMapKey:
      return ReferenceUse{"ConfigMap", ns, reference.name, reference.key, {}};
    case Reference::Kind::kFile:
      // One file has one name here, wherever the manifests lie that name it.
      return ReferenceUse{
          "file", {}, (sources.directory / reference.text).lexically_normal().string(), {}, {}};
    case Reference::Kind::kEnv:
      return ReferenceUse{"environment variable", {}, reference.text, {}, {}};
    default:
      return std::nullopt;
  }
}

const pki::Chain& certificates_of(const std::string& field, const pki::Material& material) {
  static const pki::Chain none;
  if (field == "spec.tls.ca" && material.trust && material.ca_declared) return material.trust->anchors;
  if (field == "spec.tls.nextCA" && material.next_trust) return material.next_trust->anchors;
  if (field == "spec.tls.clientCertificate") return material.client_certificates;
  if (field == "spec.servedCertificate") return material.served_certificate;
  return none;
}

pki::CertificatePtr first_to_expire(const pki::Chain& certificates) {
  const auto found =
      std::min_element(certificates.begin(), certificates.end(),
                       [](const auto& a, const auto& b) { return a->facts.not_after < b->facts.not_after; });
  return found == certificates.end() ? nullptr : *found;
}

std::vector<ReferenceUse> references_of(const FactSources& sources) {
  std::vector<ReferenceUse> uses;
  resource::for_each_reference(sources.endpoint.spec,
                               [&](const std::string& field, const Reference& reference) {
                                 auto use = use_of(reference, sources);
                                 if (!use) return;
                                 use->field = field;
                                 use->first = first_to_expire(certificates_of(field, sources.material));
                                 uses.push_back(*std::move(use));
                               });
  return uses;
}

void include(const verdict::RehearsalVerdict& rehearsal, NextCaFacts& facts) {
  using resource::ConditionStatus;
  facts.safe = facts.safe && rehearsal.status == ConditionStatus::kTrue;
  facts.breaks = facts.breaks || rehearsal.status == ConditionStatus::kFalse;
  facts.old_needed = facts.old_needed || rehearsal.old_ca_needed;
  facts.bundle_lacks = facts.bundle_lacks || rehearsal.bundle_lacks_next;
}

NextCaFacts next_ca_of(const FactSources& sources, base::WallTime now, pki::VerificationCache& cache) {
  if (!sources.endpoint.spec.tls.next_ca) return {};
  NextCaFacts facts{.declared = true, .safe = true};
  const verdict::History history{sources.endpoint.spec.failure_threshold, std::nullopt};
  const auto look_at = [&](const probe::Observation& seen) {
    const verdict::JudgeInput input{sources.endpoint, sources.material, seen, history, now};
    include(verdict::assess(input, cache).rehearsal, facts);
  };
  look_at(sources.observation);
  for (const probe::Observation& member : sources.observation.members)
    look_at(member);
  return facts;
}

}  // namespace

EndpointFacts facts_of(const FactSources& sources, base::WallTime now, pki::VerificationCache& cache) {
  EndpointFacts facts{sources.endpoint.key(), sources.endpoint.metadata.ns, {}, {}, references_of(sources)};
  const auto add = [&](const probe::Observation& seen) {
    facts.servers.push_back(verdict::certificates_of_server(seen, sources.material, now, cache));
  };
  add(sources.observation);
  for (const probe::Observation& member : sources.observation.members)
    add(member);
  facts.next_ca = next_ca_of(sources, now, cache);
  return facts;
}

}  // namespace tlswarden::cli

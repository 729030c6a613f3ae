#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/endpoint_facts.hpp"

/// What many endpoints have in common, and who is hit when it changes or expires. Pure. Every list of groups
/// is sorted by the earliest expiry, what has none last; every list of endpoints by key.
namespace tlswarden::cli {

/// Endpoints, each once.
struct Dependents {
  std::map<std::string, std::string> by_key;  ///< key, namespace

  void add(const EndpointFacts& facts) { by_key.emplace(facts.key, facts.ns); }
  std::vector<std::string> keys() const;
  std::vector<std::string> namespaces() const;
  std::size_t size() const { return by_key.size(); }
};

/// The certificate of a group that expires first.
struct FirstExpiry {
  base::WallTime not_after{};
  std::string role;  ///< empty where the group is no path
  std::string subject;
};

/// How the endpoints of one CA stand to the next one. An endpoint may be in several lists.
struct NextCaSummary {
  Dependents declared, safe, breaks, old_needed, bundle_lacks, unknown;
};

/// Endpoints whose server certificates have one issuer and whose paths end at one CA.
struct CaGroup {
  enum class State { kAnchored, kNotAnchored, kNoCertificate };
  State state = State::kNoCertificate;
  std::string issuer;                ///< of the server's certificate; as it claims where not anchored
  std::string root, root_sha256;     ///< empty unless anchored
  std::optional<FirstExpiry> first;  ///< of the server's certificate up to the CA
  Dependents endpoints;
  NextCaSummary next_ca;
};
std::vector<CaGroup> summarise_by_ca(std::span<const EndpointFacts> facts);

struct CertificateGroup {
  verdict::PathCertificate certificate;
  Dependents endpoints;
};
/// Certificates of these roles, by role and fingerprint.
std::vector<CertificateGroup> summarise_by_certificate(std::span<const EndpointFacts> facts,
                                                       const std::vector<std::string>& roles);

/// A Secret, ConfigMap, file or variable.
struct ReferenceGroup {
  std::string kind, ns, name;
  std::optional<FirstExpiry> first;  ///< of the certificates that the fields below take from it
  std::map<std::pair<std::string, std::string>, Dependents> uses;  ///< by field and key
  Dependents endpoints;
};
std::vector<ReferenceGroup> summarise_by_reference(std::span<const EndpointFacts> facts);

}  // namespace tlswarden::cli

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "pki/material.hpp"
#include "pki/verification.hpp"
#include "probe/observation.hpp"
#include "resource/endpoint.hpp"
#include "verdict/path_certificates.hpp"

namespace tlswarden::cli {

/// One field of a spec that refers to something which others may refer to as well.
struct ReferenceUse {
  std::string kind;   ///< Secret, ConfigMap, file, environment variable
  std::string ns;     ///< of a Secret or ConfigMap; else empty
  std::string name;   ///< or the path, or the variable
  std::string key;    ///< of a Secret or ConfigMap; else empty
  std::string field;  ///< "spec.tls.ca"
  /// Of the certificates that it holds the one that expires first; null where the field is for none.
  pki::CertificatePtr first = {};
};

/// How an endpoint stands to its spec.tls.nextCA, the worst of its members.
struct NextCaFacts {
  bool declared = false;
  bool safe = false;          ///< trust could be switched now; if neither this nor the next, it is not known
  bool breaks = false;        ///< clients in the declared mode would break if it were
  bool old_needed = false;    ///< because the served chain ends at a CA that only spec.tls.ca holds
  bool bundle_lacks = false;  ///< spec.tls.ca lacks the next CA
};

/// What a summary over many endpoints needs of one. Plain data.
struct EndpointFacts {
  std::string key, ns;
  std::vector<verdict::PathCertificates> servers;  ///< one for each member; the first is always there
  NextCaFacts next_ca;
  std::vector<ReferenceUse> references;
};

/// What is needed to tell them.
struct FactSources {
  const resource::DatabaseEndpoint& endpoint;
  const pki::Material& material;
  const probe::Observation& observation;  ///< an empty one where the endpoint was not looked at
  std::filesystem::path directory;        ///< where relative paths start
};

EndpointFacts facts_of(const FactSources& sources, base::WallTime now, pki::VerificationCache& cache);

}  // namespace tlswarden::cli

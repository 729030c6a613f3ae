#include "verdict/protocol_floor.hpp"

#include "base/text.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {

std::optional<Finding> judge_protocol(const probe::TlsObservation& tls, resource::TlsVersion least) {
  if (!tls.version || *tls.version >= least) return std::nullopt;
  return Finding{reason::kProtocolVersionTooLow,
                 "the server offers no more than " + std::string(to_string(*tls.version)) +
                     ", below spec.tls.minVersion " + std::string(to_string(least)),
                 {}};
}

std::optional<Finding> judge_legacy_protocols(const probe::Observation& seen, resource::TlsVersion least) {
  const std::vector<std::string> versions = legacy_versions(seen, least);
  if (versions.empty()) return std::nullopt;
  return Finding{reason::kLegacyProtocolAccepted,
                 "the server still accepts " + base::join(versions, " and ") +
                     ", below spec.tls.minVersion " + std::string(to_string(least)),
                 {}};
}

std::vector<std::string> legacy_versions(const probe::Observation& seen, resource::TlsVersion least) {
  std::vector<std::string> versions;
  if (!seen.legacy_protocols) return versions;
  for (const resource::TlsVersion version : seen.legacy_protocols->accepted) {
    if (version < least) versions.emplace_back(to_string(version));
  }
  return versions;
}

}  // namespace tlswarden::verdict

#include "verdict/protocol_floor.hpp"

#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {

std::optional<Finding> judge_protocol(const probe::TlsObservation& tls, resource::TlsVersion least) {
  if (!tls.version || *tls.version >= least) return std::nullopt;
  return Finding{reason::kProtocolVersionTooLow,
                 "the server offers no more than " + std::string(to_string(*tls.version)) +
                     ", below spec.tls.minVersion " + std::string(to_string(least)),
                 {}};
}

}  // namespace tlswarden::verdict

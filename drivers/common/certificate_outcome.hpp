#pragma once

#include "probe/observation.hpp"

namespace tlswarden::drivers::common {

/// What became of the client certificate once the server has gone on with this client after the handshake.
inline probe::ClientCertificateOutcome outcome_when_passed(const probe::TlsObservation& tls) {
  using Outcome = probe::ClientCertificateOutcome;
  if (!tls.client_certificate_requested) return Outcome::kNotRequested;
  return tls.client_certificate_presented ? Outcome::kAccepted : Outcome::kNotRequired;
}

}  // namespace tlswarden::drivers::common

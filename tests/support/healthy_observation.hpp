#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "base/clock.hpp"
#include "pki/certificate.hpp"
#include "probe/observation.hpp"

namespace tlswarden::test_support {

/// What a prober sees of a healthy server on this machine: it takes the connection and shows `chain`, and
/// nobody is asked for a client certificate.
inline probe::Observation healthy_observation(base::WallTime at, std::uint16_t port, pki::Chain chain) {
  probe::Observation seen;
  seen.at = at;
  seen.addresses = {{"127.0.0.1", port}};
  seen.address = seen.addresses.front();
  seen.stages = {{probe::Stage::kConnect, std::chrono::milliseconds(1), ""},
                 {probe::Stage::kHandshake, std::chrono::milliseconds(3), ""}};
  seen.tls_offer = probe::Offer::kOffered;
  seen.tls.emplace();
  seen.tls->finished = true;
  seen.tls->style = resource::NegotiationStyle::kInBand;
  seen.tls->version = resource::TlsVersion::kTls13;
  seen.tls->cipher = "TLS_AES_256_GCM_SHA384";
  seen.tls->chain = std::move(chain);
  seen.client_certificate = probe::ClientCertificateOutcome::kNotRequested;
  return seen;
}

}  // namespace tlswarden::test_support

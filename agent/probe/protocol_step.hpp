#pragma once

#include <optional>
#include <string_view>

#include "probe/driver.hpp"
#include "probe/journal.hpp"
#include "probe/tls_stream.hpp"
#include "probe/workshop.hpp"

namespace tlswarden::probe {

struct ProtocolStep {
  ClientCertificateOutcome client_certificate = ClientCertificateOutcome::kUndetermined;
  std::optional<Failure> failure;
  Findings findings;
};

/// Whether a failed handshake or step was about the client certificate.
ClientCertificateOutcome outcome_of(const Failure& failure);

/// After the handshake: waits for a late refusal of the client certificate where one may come, then lets the
/// driver take its one step and end the conversation. The stream is left open. References must outlive the
/// coroutine.
net::Awaitable<ProtocolStep> take_protocol_step(Workshop& workshop, const Target& target,
                                                const Driver& driver, Journal& journal, TlsStream& stream,
                                                const TlsObservation& tls, const Findings& negotiated,
                                                std::string_view peer, base::Deadline deadline);

/// The wait alone: nothing when the server did not refuse.
net::Awaitable<std::optional<Failure>> await_late_refusal(const base::Clock& clock, TlsStream& stream,
                                                          const TlsObservation& tls, base::Deadline deadline);

}  // namespace tlswarden::probe

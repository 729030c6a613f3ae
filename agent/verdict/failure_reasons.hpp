#pragma once

#include "probe/failure.hpp"
#include "probe/observation.hpp"
#include "verdict/finding.hpp"

namespace tlswarden::verdict {

/// The reason that stands for a failure in conditions and rungs: the one table from the probe's taxonomy to
/// the names that users see. Total: every pair of stage and cause has one.
const char* reason_for(probe::Stage stage, probe::Cause cause);

/// The failure in words; the reason's summary where the probe left no message.
Finding describe(const probe::Failure& failure);

/// Whether TCP and the engine's own negotiation succeeded, as the condition Reachable means it. A server that
/// answers "no TLS here" was reached, one that answers "too many connections" or "starting up" was not; one
/// that breaks off when TLS is asked for, but speaks its protocol without, was.
bool reached(const probe::Observation& observation);
/// What kept the endpoint from being reached; null when it was. Lives as long as `observation`.
const probe::Failure* obstacle(const probe::Observation& observation);
/// The obstacle, or what ended a TLS handshake that broke off or stood still before a certificate came, where
/// nothing but that was heard from the server: so it looks when a proxy has lost its server, or the server
/// hangs. It tells nothing of the certificate. What counts towards spec.failureThreshold is exactly a check
/// for which this is not null. Lives as long as `observation`.
const probe::Failure* setback(const probe::Observation& observation);

/// Failures on our own side, which say nothing about the server.
bool ours(probe::Cause cause);

/// Whether a login ended like this was turned away, so that spec.auth does not hold.
bool refuses_login(probe::Cause cause);

/// How the end of a TLS attempt looks to a client that has to decide about a second attempt without TLS.
enum class FailureClass {
  kTls,            ///< TLS did not come about: not offered, handshake broken off, verification failed
  kServerRefusal,  ///< the server's own protocol refused the session inside TLS
  kAfterTls,       ///< the connection ended after the client's side of the handshake was complete
  kLost,           ///< the peer cut the connection during the handshake
  kBeforeTls,      ///< the engine's own negotiation went wrong, other than by a plain no to TLS
  kNetwork,  ///< silence, a cut before TLS, or bytes that must not be there: nothing that a client takes for
             ///< a TLS failure
};

FailureClass classify(const probe::Failure& failure);

}  // namespace tlswarden::verdict

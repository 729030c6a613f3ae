#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "probe/driver.hpp"
#include "probe/journal.hpp"
#include "probe/tls_stream.hpp"
#include "probe/workshop.hpp"

namespace tlswarden::probe {

/// What a port has to say to a client without TLS.
enum class PlaintextWord {
  kNothing,   ///< nothing in the engine's protocol
  kSpoken,    ///< it speaks the protocol, or turns such clients away
  kAccepted,  ///< it takes them
};

struct TlsAttemptOptions {
  std::vector<net::Address> addresses;  ///< tried in order
  base::Deadline deadline;
  resource::TlsVersion floor = resource::TlsVersion::kTls10;
  std::optional<resource::TlsVersion> ceiling{};  ///< unset: the newest there is
  /// Asked, on a connection of its own, when a ClientHello stays unanswered where the engine's plaintext port
  /// is known to swallow it, or when the peer hangs up on one and the engine starts TLS in no other way.
  /// Null: just wait, and leave it at that.
  std::function<net::Awaitable<PlaintextWord>(const net::Address&)> ask_plaintext{};
};

/// How far the attempt to bring TLS about came.
struct TlsAttempt {
  std::unique_ptr<TlsStream> stream;    ///< once the handshake has finished
  std::optional<net::Address> address;  ///< once connected
  Offer offer = Offer::kUnknown;
  Findings findings;                  ///< of the negotiation
  std::optional<TlsObservation> tls;  ///< once the server has answered the ClientHello, finished or not
  std::optional<Failure> failure;     ///< why there is no usable stream
};

/// Connects, negotiates and shakes hands; where the driver knows several styles, one after the other, each on
/// a new connection, for as long as the failure may be one of style. References must outlive the coroutine.
net::Awaitable<TlsAttempt> attempt_tls(Workshop& workshop, const Target& target, const Driver& driver,
                                       Journal& journal, const TlsAttemptOptions& options);

}  // namespace tlswarden::probe

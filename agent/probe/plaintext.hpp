#pragma once

#include "probe/driver.hpp"
#include "probe/journal.hpp"
#include "probe/workshop.hpp"

namespace tlswarden::probe {

struct PlaintextAttempt {
  PlaintextObservation seen;
  Findings findings;
  bool spoke_protocol = false;  ///< the peer answered as this engine does, whatever it answered
};

/// Tries, on a connection of its own, to get a session without TLS, up to where a secret would be sent.
/// References must outlive the coroutine.
net::Awaitable<PlaintextAttempt> attempt_plaintext(Workshop& workshop, const Target& target,
                                                   const Driver& driver, Journal& journal,
                                                   net::Address address, base::Deadline deadline);

}  // namespace tlswarden::probe

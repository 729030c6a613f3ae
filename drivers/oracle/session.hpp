#pragma once

#include "probe/driver.hpp"

namespace tlswarden::drivers::oracle {

/// A real login on a connection of the prober's, which was verified as the declared mode demands: O5LOGON,
/// then SYS_CONTEXT('USERENV', 'NETWORK_PROTOCOL'), in which the database says itself whether this session
/// came over TLS. Oracle's clients have no fallback from TLS, so `prefer` counts as `require`. Precondition:
/// context.target().credentials is set.
net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context);

}  // namespace tlswarden::drivers::oracle

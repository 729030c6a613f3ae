#pragma once

#include "probe/driver.hpp"

namespace tlswarden::drivers::cassandra {

/// A real login on a connection of the prober's, which was verified as the declared mode demands: OPTIONS,
/// STARTUP, AUTH_RESPONSE (SASL PLAIN), then what the node says of its release and of this session, and USE
/// where a keyspace is declared. The drivers have no fallback from TLS, so `prefer` counts as `require`.
/// Precondition: context.target().credentials is set.
net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context);

}  // namespace tlswarden::drivers::cassandra

#pragma once

#include "probe/driver.hpp"

namespace tlswarden::drivers::redis {

/// A real login on a connection of the prober's, which was verified as the declared mode demands: AUTH, INFO,
/// CLIENT INFO, QUIT. Redis has no fallback from TLS, so `prefer` counts as `require`. Precondition:
/// context.target().credentials is set.
net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context);

}  // namespace tlswarden::drivers::redis

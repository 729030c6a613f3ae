#pragma once

#include "probe/driver.hpp"

namespace tlswarden::drivers::postgresql {

/// A real login under the declared mode. libpq connects by itself, as it enforces every mode natively; where
/// it is too old for direct negotiation, or the server stands behind a bastion, it speaks through a
/// connection of the prober's that was verified as the mode demands. Precondition:
/// context.target().credentials is set.
net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context);

}  // namespace tlswarden::drivers::postgresql

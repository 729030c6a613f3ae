#pragma once

#include "probe/driver.hpp"

namespace tlswarden::drivers::etcd {

/// A real login on a connection of the prober's, which was verified as the declared mode demands, through
/// etcd's JSON gateway: authenticate, status, member list. etcd has no fallback from TLS, so `prefer` counts
/// as `require`. Precondition: context.target().credentials is set.
net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context);

}  // namespace tlswarden::drivers::etcd

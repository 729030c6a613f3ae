#pragma once

#include "probe/driver.hpp"

namespace tlswarden::drivers::clickhouse {

/// A real login on a connection of the prober's, which was verified as the declared mode demands: SELECT
/// version() over HTTP, or the hello of the native protocol, which is a login and tells the version.
/// ClickHouse has no fallback from TLS, so `prefer` counts as `require`, and it cannot say of a session
/// whether it is encrypted. Precondition: context.target().credentials is set.
net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context);

}  // namespace tlswarden::drivers::clickhouse

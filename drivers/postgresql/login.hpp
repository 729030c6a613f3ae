#pragma once

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "drivers/postgresql/connection_settings.hpp"
#include "drivers/postgresql/server_error.hpp"
#include "probe/observation.hpp"

namespace tlswarden::drivers::postgresql {

/// Logs in through libpq, asks the server for its version and for its own view of the session (pg_stat_ssl),
/// and leaves. Blocks, at most until `deadline`: run it on the offload pool. Never prompts, never prints.
probe::SessionObservation log_in(const ConnectionSettings& settings, const Identity& identity,
                                 base::Deadline deadline, const base::Clock& clock);

}  // namespace tlswarden::drivers::postgresql

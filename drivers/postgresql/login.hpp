#pragma once

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "drivers/postgresql/connection_settings.hpp"
#include "drivers/postgresql/server_error.hpp"
#include "probe/observation.hpp"
#include "resource/engine.hpp"

namespace tlswarden::drivers::postgresql {

/// Logs in through libpq, asks the server for its version and for its own view of the session, each where
/// `engine` tells it, and leaves. Blocks, at most until `deadline`: run it on the offload pool. Never
/// prompts, never prints.
///
/// PostgreSQL: server_version; pg_stat_ssl.
/// CockroachDB: crdb_version or version(), never the server_version of the PostgreSQL that it imitates; it
/// has no word on the session's encryption. Redshift: version(), where its server_version is 8.0.2 for ever;
/// SYS_CONNECTION_LOG, which only superusers may read and which is written with a delay: kUnknown, without a
/// failure, where it does not tell.
probe::SessionObservation log_in(const ConnectionSettings& settings, resource::Engine engine,
                                 const Identity& identity, base::Deadline deadline, const base::Clock& clock);

}  // namespace tlswarden::drivers::postgresql

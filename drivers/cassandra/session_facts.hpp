#pragma once

#include <string>
#include <string_view>

#include "drivers/cassandra/rows.hpp"
#include "probe/observation.hpp"

/// What a node says about itself and the session it has with us: the questions and their answers. Pure.
namespace tlswarden::drivers::cassandra {

/// The name that our sessions give themselves in STARTUP.
inline constexpr std::string_view kDriverName = "tlswarden";

/// A value for DRIVER_VERSION that no other session has. A node lists its sessions by the client's address as
/// the node sees it, which nobody behind address translation knows; this finds the row all the same.
std::string session_mark();

std::string_view version_query(bool scylla);
/// The release in the answer; empty where there is none.
std::string version_of(const Rows& rows, bool scylla);

/// Asks for the session of that mark: system_views.clients (Cassandra 4.0), system.clients (ScyllaDB).
std::string clients_query(std::string_view mark, bool scylla);
/// Takes protocol and cipher, and whether there are any, from the answer. Unknown where the session is not
/// the only row, or the node left the columns empty, as ScyllaDB did for long.
void take_encryption(const Rows& rows, probe::SessionObservation& seen);

/// USE, which fails where there is no such keyspace.
std::string use_statement(std::string_view keyspace);

}  // namespace tlswarden::drivers::cassandra

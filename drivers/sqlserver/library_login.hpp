#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "probe/observation.hpp"

namespace tlswarden::drivers::sqlserver {

/// What FreeTDS gets to know: where the relay is, and how long the credentials are that it must leave room
/// for. Owns all it needs: used on another thread.
struct LibraryLogin {
  std::uint16_t port = 0;  ///< on 127.0.0.1
  std::size_t username_units = 0, password_units = 0;
  std::string program;   ///< given as the program's name
  std::string database;  ///< empty: the login's own
};

struct LibraryReport {
  probe::SessionObservation seen;
  bool server_spoke = false;  ///< the failure is in the server's own words
};

/// Removes the variables by which FreeTDS lets its environment choose another server, another version of the
/// protocol, other files, or a log of all that is said. Not safe beside other threads.
void forget_library_environment();

/// Logs in, reads version and encryption, and leaves. Blocks until the relay ends the connection.
LibraryReport log_in_blocking(const LibraryLogin& login);

}  // namespace tlswarden::drivers::sqlserver

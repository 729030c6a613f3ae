#pragma once

#include <chrono>
#include <string>

#include "probe/observation.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::mongodb {

/// Where the library finds the relay, and what it says there. Owns or shares all it needs: used on another
/// thread.
struct LibraryLogin {
  std::string socket_path;  ///< a Unix socket; must end in ".sock" for the library to take it for one
  probe::CredentialsPtr credentials;
  std::string database;         ///< where the user was created; empty: admin
  bool by_certificate = false;  ///< MONGODB-X509: the certificate of the connection is the password
  std::chrono::milliseconds patience{10000};  ///< for each of the library's waits
};

/// What came of it.
struct LibraryReport {
  probe::SessionObservation seen;  ///< without a failure that the server gave: see the relay's filter
  bool refused = false;            ///< the login itself was refused, or failed a check of the library's
  std::string words;               ///< the library's own
};

/// Logs in, reads the version and the server's TLS setting, and logs out. Stays on the one connection:
/// neither discovers members nor connects elsewhere. Blocks; at most a few times `patience`. Prints nothing.
LibraryReport log_in_blocking(const LibraryLogin& login);

}  // namespace tlswarden::drivers::mongodb

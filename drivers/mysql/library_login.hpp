#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "probe/observation.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::mysql {

/// Where the library finds the relay, and what it may do there. Owns or shares all it needs: used on another
/// thread.
struct LibraryLogin {
  std::string socket_path;  ///< a Unix socket; empty: TCP to 127.0.0.1
  std::uint16_t port = 0;
  probe::CredentialsPtr credentials;
  std::string database;
  bool encrypted = false;             ///< the wire behind the relay is: passwords may be sent in the clear
  std::chrono::seconds patience{10};  ///< for each of the library's waits; the relay enforces the deadline
};

/// What came of it.
struct LibraryReport {
  probe::SessionObservation seen;
  bool authenticated = false;  ///< the account got in, whatever came after
  unsigned code = 0;           ///< of the error that ended it, the server's or the library's; 0: none
  bool library_error = false;  ///< the code is one of the library's own (2000 … 2999, 5000 …)
};

/// Logs in, reads what the server says of the session and its policy, and logs out. Blocks; at most a few
/// times `patience`. Never reads option files, never prompts, never loads local files.
LibraryReport log_in_blocking(const LibraryLogin& login);

}  // namespace tlswarden::drivers::mysql

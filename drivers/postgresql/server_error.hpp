#pragma once

#include <string>
#include <string_view>

#include "drivers/postgresql/message.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::postgresql {

/// Whose name a refused session was asked for.
struct Identity {
  std::string user, database;
  /// False: `user` is made up, so that "no rule admits it" says nothing about real users.
  bool declared = false;
};

/// What an error during connection start means. Goes by SQLSTATE first; where one code stands for several
/// things (28000, 08P01), by the server's English words, which poolers and hosted services vary.
probe::Cause classify(const ServerError& error, const Identity& identity);

/// The failure that `error` is at `stage`: our sentence for its cause, the server's words and SQLSTATE beside
/// it.
probe::Failure to_failure(const ServerError& error, probe::Stage stage, const Identity& identity);

}  // namespace tlswarden::drivers::postgresql

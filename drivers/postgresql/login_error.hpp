#pragma once

#include <string_view>

#include "drivers/postgresql/server_error.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::postgresql {

/// What libpq's error text of a failed connection means. Needs the text at PQERRORS_VERBOSE, which is where
/// libpq tells the SQLSTATE of an error before the session is open. After a fallback of `prefer` the text
/// holds two attempts: the first counts, unless it only says that TLS is not admitted.
probe::Failure read_login_error(std::string_view text, const Identity& identity);

}  // namespace tlswarden::drivers::postgresql

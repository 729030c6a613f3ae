#pragma once

#include <boost/system/error_code.hpp>

#include "net/io_error.hpp"

namespace tlswarden::net {

/// What an error of the operating system or of the event loop means here. `message` is the system's words.
IoError io_error_from(const boost::system::error_code& error);

/// What getaddrinfo's answer `code` (EAI_*) means; `system_errno` is errno as it left it, used with
/// EAI_SYSTEM.
IoError resolver_error_from(int code, int system_errno);

}  // namespace tlswarden::net

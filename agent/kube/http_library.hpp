#pragma once

// The one place of this folder that includes cpp-httplib. It comes with its own use of OpenSSL, which is not
// used here: HTTP is the library's work, the connection is ours (socket_link.hpp).
#include <httplib.h>

#ifndef CPPHTTPLIB_ZLIB_SUPPORT
#error cpp-httplib must be able to read gzip: API servers compress long lists
#endif

#pragma once

// The one place that includes libpq.
#include <libpq-fe.h>

#include <memory>

namespace tlswarden::drivers::postgresql {

struct ConnectionCloser {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ResultClearer {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct OptionsFreer {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ConnectionPtr = std::unique_ptr<PGconn, ConnectionCloser>;
using ResultPtr = std::unique_ptr<PGresult, ResultClearer>;
using OptionsPtr = std::unique_ptr<PQconninfoOption, OptionsFreer>;

/// The first libpq that can send ClientHello before anything else (sslnegotiation=direct).
inline constexpr int kFirstDirectVersion = 170000;

}  // namespace tlswarden::drivers::postgresql

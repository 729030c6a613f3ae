#pragma once

// The one place that includes MariaDB Connector/C.
#include <errmsg.h>
#include <mysql.h>

#include <cstring>
#include <memory>

#include "base/secret.hpp"

static_assert(MARIADB_PACKAGE_VERSION_ID >= 30300,
              "MARIADB_OPT_RESTRICTED_AUTH and SSL_ENFORCE as in Connector/C 3.3");

namespace tlswarden::drivers::mysql {

struct ConnectionReleaser {
  void operator()(MYSQL* connection) const {
    // The library frees its copy of the password without overwriting it.
    if (connection->passwd != nullptr) base::wipe_memory(connection->passwd, std::strlen(connection->passwd));
    mysql_close(connection);
  }
};
struct ResultReleaser {
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using ConnectionPtr = std::unique_ptr<MYSQL, ConnectionReleaser>;
using ResultPtr = std::unique_ptr<MYSQL_RES, ResultReleaser>;

}  // namespace tlswarden::drivers::mysql

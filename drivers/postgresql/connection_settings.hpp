#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "drivers/postgresql/memory_file.hpp"
#include "net/address.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::postgresql {

/// What libpq is told. Everything that libpq would otherwise take from the environment or the home directory
/// is set too, so nothing undeclared slips in; only a PGSERVICE that names no service still makes libpq
/// refuse. Parameters: PostgreSQL manual, "Parameter Key Words".
class ConnectionSettings {
 public:
  /// libpq connects to `address` itself and enforces the declared mode on its own connection.
  /// An Error where the declared mode cannot be enforced with the material at hand.
  static base::Result<ConnectionSettings> native(const probe::Target& target, const net::Address& address);
  /// libpq speaks through the Unix socket .s.PGSQL.5432 in `directory`, behind which is a connection that was
  /// already verified as the mode demands.
  static ConnectionSettings relayed(const probe::Target& target, const std::string& directory);

  /// As a connection string, every value quoted. Holds the password.
  base::Secret connection_string() const;
  /// All but the credentials, for tests and transcripts.
  const std::map<std::string, std::string>& values() const { return values_; }

 private:
  explicit ConnectionSettings(const probe::Target& target);
  base::Result<void> keep(const std::string& keyword, base::ByteView content);

  probe::CredentialsPtr credentials_;
  std::map<std::string, std::string> values_;
  std::vector<MemoryFile> files_;
};

}  // namespace tlswarden::drivers::postgresql

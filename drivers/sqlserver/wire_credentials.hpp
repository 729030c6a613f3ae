#pragma once

#include <cstddef>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "probe/failure.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::sqlserver {

/// A name and a password as LOGIN7 carries them (MS-TDS section 2.2.6.4): UTF-16, the password scrambled,
/// which hides it from nobody.
struct WireCredentials {
  base::Secret username, password;

  std::size_t username_units() const { return username.bytes().size() / 2; }
  std::size_t password_units() const { return password.bytes().size() / 2; }
};

/// Fails with kUnsupported where they cannot be sent: no name, a Windows account, not UTF-8, too long.
base::Result<WireCredentials, probe::Failure> encode_credentials(const probe::Credentials& credentials);

}  // namespace tlswarden::drivers::sqlserver

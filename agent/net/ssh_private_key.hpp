#pragma once

#include "net/ssh.hpp"
#include "net/tunnels.hpp"

namespace tlswarden::net {

/// The private key of `settings`, opened; kKeyUnusable where it cannot be. Never asks anybody for a
/// passphrase. Takes as long as the key's derivation function was made to take (bcrypt, PBKDF2).
TunnelResult<SshKeyPtr> read_private_key(const SshSettings& settings);

}  // namespace tlswarden::net

#pragma once

#include "net/ssh.hpp"
#include "net/ssh_patience.hpp"
#include "net/tunnels.hpp"

namespace tlswarden::net {

/// Connects to the bastion, compares its host key with the pinned ones, and logs in with the declared key and
/// nothing else. The user's name and the key are used only after the host key was found to be pinned. Blocks
/// the bastion's thread; the session that comes back is non-blocking.
TunnelResult<SshSessionPtr> log_in_to_bastion(const SshSettings& settings, SshPatience& patience);

/// libssh's last words about `session`, which may quote the bastion; at most 2 KiB.
std::string ssh_words(ssh_session session);

}  // namespace tlswarden::net

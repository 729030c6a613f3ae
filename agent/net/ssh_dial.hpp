#pragma once

#include "net/descriptor.hpp"
#include "net/ssh_patience.hpp"
#include "net/tunnels.hpp"

namespace tlswarden::net {

/// "bastion.internal:22", for messages.
std::string bastion_name(const SshSettings& settings);

/// Looks the bastion up and connects to the first of its addresses that accepts. Blocks the bastion's thread.
/// The socket is non-blocking and without Nagle's delay.
TunnelResult<Descriptor> dial_bastion(const SshSettings& settings, SshPatience& patience);

/// No way to the bastion, in words.
TunnelError unreachable_bastion(const SshSettings& settings, IoError::Kind kind, std::string_view words = {});

}  // namespace tlswarden::net

#pragma once

// The one way in for libssh: its handles with owners.
#include <libssh/libssh.h>
#include <libssh/server.h>

#include <memory>

namespace tlswarden::net {

/// What frees libssh's objects. A session is not said goodbye to: ssh_disconnect() would leave the descriptor
/// that it was given open.
struct SshRelease {
  void operator()(ssh_session session) const { ssh_free(session); }
  void operator()(ssh_channel channel) const { ssh_channel_free(channel); }
  void operator()(ssh_key key) const { ssh_key_free(key); }
  void operator()(ssh_event event) const { ssh_event_free(event); }
  void operator()(char* text) const { ssh_string_free_char(text); }
};
using SshSessionPtr = std::unique_ptr<ssh_session_struct, SshRelease>;
using SshChannelPtr = std::unique_ptr<ssh_channel_struct, SshRelease>;
using SshKeyPtr = std::unique_ptr<ssh_key_struct, SshRelease>;
using SshEventPtr = std::unique_ptr<ssh_event_struct, SshRelease>;
using SshTextPtr = std::unique_ptr<char, SshRelease>;

}  // namespace tlswarden::net

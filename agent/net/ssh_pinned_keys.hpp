#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/ssh.hpp"

namespace tlswarden::net {

/// What the lines of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT) say of one host: hashed names,
/// patterns, negated ones, [host]:port and @revoked as there. As with OpenSSH's client, lines that name the
/// host without its port count where none names it with its port. Lines that cannot be parsed say nothing;
/// those of @cert-authority neither, as libssh verifies no host certificates.
class PinnedKeys {
 public:
  PinnedKeys(std::string_view known_hosts, std::string_view host, std::uint16_t port);

  enum class Judgement {
    kPinned,
    kUnknown,   ///< there is no key of this host
    kMismatch,  ///< there are others
    kRevoked,
  };
  Judgement judge(ssh_key shown) const;

  /// For SSH_OPTIONS_HOSTKEYS: the algorithms of the pinned keys first, so that a host with several keys
  /// shows the one that is pinned; then all others, so that a wrong key can be seen and named.
  std::string algorithms() const;
  /// Whether a line @cert-authority names this host.
  bool has_authority() const { return has_authority_; }

 private:
  void read(std::string_view known_hosts, const std::string& name, bool revoked_only);

  std::vector<SshKeyPtr> pinned_, revoked_;
  bool has_authority_ = false;
};

/// "ssh-ed25519 SHA256:…", as ssh-keygen -l prints it.
std::string fingerprint(ssh_key key);

}  // namespace tlswarden::net

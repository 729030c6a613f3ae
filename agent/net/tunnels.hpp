#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "net/awaitable.hpp"
#include "net/byte_stream.hpp"
#include "net/io_error.hpp"

namespace tlswarden::net {

/// How to get to a bastion: an SSH server that forwards connections. Nothing else is used: no agent, no file
/// of the home directory, no configuration, no environment, no password.
struct SshSettings {
  std::string host;  ///< a name in ASCII, or an IP address
  std::uint16_t port = 22;
  std::string user;
  base::Secret key;  ///< the private key's file: OpenSSH's own format, PKCS#8 or traditional PEM
  std::optional<base::Secret> passphrase;
  std::string known_hosts;  ///< lines of a known_hosts file (sshd(8)); no other host key is ever trusted
};
/// Shared because a connection outlives the check that asked for it.
using SshSettingsPtr = std::shared_ptr<const SshSettings>;

/// Why there is no way through the bastion.
struct TunnelError {
  enum class Kind {
    kBastionUnreachable,  ///< `network` says how
    kNotSsh,              ///< no SSH server answers there, or none that this client can agree with
    kHostKeyUnknown,      ///< known_hosts says nothing of this bastion
    kHostKeyMismatch,     ///< it shows another key than known_hosts has, or a revoked one
    kKeyUnusable,         ///< the private key cannot be read, or the passphrase does not open it
    kKeyRefused,          ///< the bastion does not let the user in with it
    kForwardingRefused,   ///< the bastion forwards nothing, or not to there
    kTargetUnreachable,   ///< the bastion cannot connect to there
    kLost,                ///< the SSH connection broke off
    kCancelled,           ///< by us
    kInternal,            ///< out of memory or of descriptors
  };
  Kind kind = Kind::kInternal;
  std::string message;      ///< one sentence: what is wrong; what to do
  std::string peer_text{};  ///< the bastion's own words, raw, at most 2 KiB
  IoError::Kind network = IoError::Kind::kOther;
};
template <class T>
using TunnelResult = base::Result<T, TunnelError>;

/// Connections through bastions. One SSH connection serves all who come with equal settings, on whatever
/// thread; it is made at first need, watched by keepalives, made anew after it broke (not at once after it
/// failed: who comes meanwhile is told the last failure), and ended when nobody has used it for a while.
/// Safe from any thread. Must outlive the streams that it gave.
class Tunnels {
 public:
  Tunnels() = default;
  Tunnels(const Tunnels&) = delete;
  Tunnels& operator=(const Tunnels&) = delete;
  virtual ~Tunnels() = default;

  /// The SSH connection stands, authenticated on both sides.
  virtual Awaitable<TunnelResult<void>> reach(SshSettingsPtr bastion, base::Deadline deadline) = 0;
  /// A connection from the bastion to `host`, a name that the bastion resolves, or an address. The stream is
  /// bound to the caller's loop; what ends with the SSH connection under it ends with IoError::kTunnelLost.
  virtual Awaitable<TunnelResult<ByteStreamPtr>> connect(SshSettingsPtr bastion, std::string host,
                                                         std::uint16_t port, base::Deadline deadline) = 0;
};

/// Over libssh, one thread for each SSH connection. `clock` must outlive it. Destruction ends every
/// connection; it waits for a look-up of a bastion's name that is under way.
std::unique_ptr<Tunnels> make_ssh_tunnels(const base::Clock& clock);

}  // namespace tlswarden::net

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/descriptor.hpp"
#include "net/ssh.hpp"

namespace tlswarden::test_support {

/// A new key, its private half as a file in OpenSSH's format, and its public half as in known_hosts.
struct SshIdentity {
  net::SshKeyPtr key;
  std::string file, line;
};
SshIdentity make_ssh_identity(ssh_keytypes_e type = SSH_KEYTYPE_ED25519, const char* passphrase = nullptr);

/// An SSH server within the test, on 127.0.0.1, one thread for each connection. Everybody gets in with any
/// key unless told otherwise.
class SshServer {
 public:
  struct Behaviour {
    bool admit = true;
    std::uint32_t refuse_channels = 0;  ///< every channel is refused so many times before it is granted
    /// What happens on a granted channel; the default sends back what comes, up to the end.
    std::function<void(ssh_session, ssh_channel)> script{};
    bool drop_after_login = false;  ///< at the first channel that is asked for
  };
  explicit SshServer(const SshIdentity& identity) : SshServer(identity, Behaviour{}) {}
  SshServer(const SshIdentity& identity, Behaviour behaviour);
  ~SshServer();
  SshServer(const SshServer&) = delete;
  SshServer& operator=(const SshServer&) = delete;

  std::uint16_t port() const { return port_; }
  unsigned connections() const { return connections_; }
  unsigned ended() const { return ended_; }  ///< of connections()
  unsigned keys_shown() const { return keys_shown_; }
  /// Cuts every connection.
  void cut();

 private:
  void accept();
  void serve(int socket);
  bool judge_key(ssh_message message);
  void answer(ssh_session session);

  const SshIdentity& identity_;
  const Behaviour behaviour_;
  net::Descriptor listener_;
  std::uint16_t port_ = 0;
  std::atomic<unsigned> connections_{0}, ended_{0}, keys_shown_{0}, refused_{0};
  std::atomic<bool> stopped_{false};
  std::vector<int> sockets_;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace tlswarden::test_support

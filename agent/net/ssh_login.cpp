#include "net/ssh_login.hpp"

#include <poll.h>

#include <string_view>
#include <utility>

#include "net/descriptor.hpp"
#include "net/ssh_dial.hpp"
#include "net/ssh_pinned_keys.hpp"
#include "net/ssh_private_key.hpp"

namespace tlswarden::net {
namespace {

using Kind = TunnelError::Kind;

class Login {
 public:
  Login(const SshSettings& settings, SshPatience& patience)
      : settings_(settings),
        patience_(patience),
        who_(bastion_name(settings)),
        pinned_(settings.known_hosts, settings.host, settings.port) {}

  TunnelResult<SshSessionPtr> run() {
    auto key = read_private_key(settings_);
    if (!key) return tl::unexpected(std::move(key.error()));
    TunnelResult<void> done = open();
    if (done) done = agree();
    if (done) done = check_host_key();
    if (done) done = authenticate(key->get());
    if (!done) return tl::unexpected(std::move(done.error()));
    return std::move(session_);
  }

 private:
  tl::unexpected<TunnelError> failed(Kind kind, std::string message, std::string peer_text = {}) const {
    return tl::unexpected(TunnelError{kind, std::move(message), std::move(peer_text)});
  }
  tl::unexpected<TunnelError> unreachable(IoError::Kind kind) const {
    return tl::unexpected(unreachable_bastion(settings_, kind));
  }

  template <class Value>
  bool set(ssh_options_e option, const Value* value) {
    return ssh_options_set(session_.get(), option, value) == SSH_OK;
  }

  /// Everything that libssh would otherwise take from the user's files is closed.
  bool configure() {
    const int no = 0;
    const unsigned int port = settings_.port;
    return set(SSH_OPTIONS_PROCESS_CONFIG, &no) && set(SSH_OPTIONS_SSH_DIR, "/dev/null") &&
           set(SSH_OPTIONS_KNOWNHOSTS, "/dev/null") && set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") &&
           set(SSH_OPTIONS_HOST, settings_.host.c_str()) && set(SSH_OPTIONS_PORT, &port) &&
           set(SSH_OPTIONS_USER, settings_.user.c_str()) && set(SSH_OPTIONS_COMPRESSION, "no") &&
           set(SSH_OPTIONS_HOSTKEYS, pinned_.algorithms().c_str());
  }

  TunnelResult<void> open() {
    session_.reset(ssh_new());
    if (!session_ || !configure()) {
      return failed(Kind::kInternal, "The SSH library cannot be set up: " + ssh_words(session_.get()) + ".");
    }
    auto socket = dial_bastion(settings_, patience_);
    if (!socket) return tl::unexpected(std::move(socket.error()));
    ssh_set_blocking(session_.get(), 0);
    const int number = socket->release();
    if (!set(SSH_OPTIONS_FD, &number)) return failed(Kind::kInternal, "The SSH library takes no socket.");
    return {};
  }

  /// Waits for what libssh asked for; an error at the end of patience.
  TunnelResult<void> wait() {
    const int flags = ssh_get_poll_flags(session_.get());
    const auto events = static_cast<short>(POLLIN | ((flags & SSH_WRITE_PENDING) != 0 ? POLLOUT : 0));
    switch (patience_.wait(ssh_get_fd(session_.get()), events)) {
      case SshPatience::Woken::kReady:
        return {};
      case SshPatience::Woken::kTimedOut:
        return unreachable(IoError::Kind::kTimedOut);
      case SshPatience::Woken::kStopped:
        break;
    }
    return unreachable(IoError::Kind::kCancelled);
  }

  TunnelResult<void> agree() {
    for (;;) {
      const int code = ssh_connect(session_.get());
      if (code == SSH_OK) return {};
      if (code != SSH_AGAIN) return disagreed();
      if (auto waited = wait(); !waited) return waited;
    }
  }

  TunnelResult<void> disagreed() {
    const std::string words = ssh_words(session_.get());
    const auto says = [&](std::string_view part) { return words.find(part) != std::string::npos; };
    if (says("disconnect") || says("Disconnect") || says("closed") || says("reset"))
      return unreachable(IoError::Kind::kPeerClosed);
    if (says("no match for method")) {
      return failed(Kind::kNotSsh,
                    "The bastion " + who_ +
                        " and this client have no SSH algorithm in common; update the bastion's SSH server.",
                    words);
    }
    return failed(
        Kind::kNotSsh,
        "What answers at " + who_ + " does not speak SSH as it should; check spec.tunnel.ssh.host and port.",
        words);
  }

  TunnelResult<void> check_host_key() {
    ssh_key shown = nullptr;
    if (ssh_get_server_publickey(session_.get(), &shown) != SSH_OK)
      return failed(Kind::kNotSsh, "The bastion " + who_ + " shows no host key.");
    const SshKeyPtr owner(shown);
    const std::string shows = "The bastion " + who_ + " shows the host key " + fingerprint(shown);
    switch (pinned_.judge(shown)) {
      case PinnedKeys::Judgement::kPinned:
        return {};
      case PinnedKeys::Judgement::kUnknown:
        return failed(Kind::kHostKeyUnknown,
                      shows + ", and spec.tunnel.ssh.knownHosts has no key of it" +
                          (pinned_.has_authority() ? " (its @cert-authority lines are not used)" : "") +
                          "; compare that fingerprint with the one that ssh-keygen -l prints on the bastion "
                          "itself, then add the line that " +
                          keyscan(shown) + " prints to knownHosts.");
      case PinnedKeys::Judgement::kMismatch:
        return failed(
            Kind::kHostKeyMismatch,
            shows + ", which is not the one in spec.tunnel.ssh.knownHosts; find out on the bastion itself " +
                "whether its key was changed, as an interception looks the same, and only then replace the "
                "line in knownHosts by what " +
                keyscan(shown) + " prints.");
      case PinnedKeys::Judgement::kRevoked:
        break;
    }
    return failed(Kind::kHostKeyMismatch,
                  shows +
                      ", which is marked @revoked in spec.tunnel.ssh.knownHosts; give the bastion a new "
                      "host key, or find out who answers in its place.");
  }

  std::string keyscan(ssh_key shown) const {
    std::string type = ssh_key_type_to_char(ssh_key_type(shown));
    if (type.starts_with("ssh-")) type.erase(0, 4);
    if (type.starts_with("ecdsa")) type = "ecdsa";
    return "ssh-keyscan -p " + std::to_string(settings_.port) + " -t " + type + " " + settings_.host;
  }

  TunnelResult<void> authenticate(ssh_key key) {
    for (;;) {
      switch (ssh_userauth_publickey(session_.get(), nullptr, key)) {
        case SSH_AUTH_SUCCESS:
          return {};
        case SSH_AUTH_AGAIN:
          if (auto waited = wait(); !waited) return waited;
          break;
        case SSH_AUTH_PARTIAL:
          return failed(
              Kind::kKeyRefused,
              "The bastion " + who_ + " accepts the key of the user " + settings_.user +
                  ", but demands another proof as well; let it accept the key alone for this user.");
        case SSH_AUTH_DENIED:
          return failed(Kind::kKeyRefused,
                        "The bastion " + who_ + " does not let the user " + settings_.user +
                            " in with the key " + fingerprint(key) +
                            "; add its public half to authorized_keys of that user there, or correct "
                            "spec.tunnel.ssh.user and key.");
        default:
          return unreachable(IoError::Kind::kPeerClosed);
      }
    }
  }

  const SshSettings& settings_;
  SshPatience& patience_;
  const std::string who_;
  const PinnedKeys pinned_;
  SshSessionPtr session_;
};

}  // namespace

TunnelResult<SshSessionPtr> log_in_to_bastion(const SshSettings& settings, SshPatience& patience) {
  return Login(settings, patience).run();
}

std::string ssh_words(ssh_session session) {
  constexpr std::size_t kMost = 2048;
  if (session == nullptr) return "no memory";
  const std::string_view words = ssh_get_error(session);
  return std::string(words.substr(0, kMost));
}

}  // namespace tlswarden::net

#include "tests/support/ssh_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <mutex>

namespace tlswarden::test_support {
namespace {

struct BindRelease {
  void operator()(ssh_bind bind) const { ssh_bind_free(bind); }
};
struct MessageRelease {
  void operator()(ssh_message message) const { ssh_message_free(message); }
};
using MessagePtr = std::unique_ptr<ssh_message_struct, MessageRelease>;

void echo(ssh_session, ssh_channel channel) {
  std::array<char, 16384> buffer{};
  for (;;) {
    const int count = ssh_channel_read(channel, buffer.data(), buffer.size(), 0);
    if (count <= 0 || ssh_channel_write(channel, buffer.data(), static_cast<std::uint32_t>(count)) < 0)
      return;
  }
}

std::string taken(char* text) {
  const net::SshTextPtr owner(text);
  return owner.get();
}

}  // namespace

SshIdentity make_ssh_identity(ssh_keytypes_e type, const char* passphrase) {
  constexpr int kRsaBits = 2048;
  SshIdentity made;
  ssh_key key = nullptr;
  char* text = nullptr;
  if (ssh_pki_generate(type, type == SSH_KEYTYPE_RSA ? kRsaBits : 0, &key) != SSH_OK) std::abort();
  made.key.reset(key);
  if (ssh_pki_export_privkey_base64(key, passphrase, nullptr, nullptr, &text) != SSH_OK) std::abort();
  made.file = taken(text);
  if (ssh_pki_export_pubkey_base64(key, &text) != SSH_OK) std::abort();
  made.line = std::string(ssh_key_type_to_char(ssh_key_type(key))) + " " + taken(text);
  return made;
}

SshServer::SshServer(const SshIdentity& identity, Behaviour behaviour)
    : identity_(identity), behaviour_(std::move(behaviour)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), raw, size) != 0 || ::listen(listener_.get(), 16) != 0 ||
      ::getsockname(listener_.get(), raw, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept(); });
}

SshServer::~SshServer() {
  stopped_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  cut();
  for (std::thread& thread : threads_)
    thread.join();
  for (const int socket : sockets_)
    ::close(socket);
}

void SshServer::cut() {
  const std::scoped_lock lock(mutex_);
  for (const int socket : sockets_)
    ::shutdown(socket, SHUT_RDWR);
}

void SshServer::accept() {
  for (;;) {
    const int socket = ::accept(listener_.get(), nullptr, nullptr);
    if (socket < 0) return;
    ++connections_;
    const std::scoped_lock lock(mutex_);
    sockets_.push_back(socket);
    // A descriptor of the session's own: ours stays valid for cut().
    threads_.emplace_back([this, socket, own = ::dup(socket)] {
      serve(own);
      ::shutdown(socket, SHUT_RDWR);
      ++ended_;
    });
  }
}

void SshServer::serve(int socket) {
  const std::unique_ptr<ssh_bind_struct, BindRelease> bind(ssh_bind_new());
  const net::SshSessionPtr session(ssh_new());
  const bool no = false;
  ssh_key key = ssh_key_dup(identity_.key.get());
  ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
  ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_IMPORT_KEY, key);
  if (ssh_bind_accept_fd(bind.get(), session.get(), socket) != SSH_OK) return;
  ssh_set_auth_methods(session.get(), SSH_AUTH_METHOD_PUBLICKEY);
  if (ssh_handle_key_exchange(session.get()) == SSH_OK) answer(session.get());
}

/// Whether the signature is right is not this server's concern.
bool SshServer::judge_key(ssh_message message) {
  ++keys_shown_;
  return behaviour_.admit && ssh_message_subtype(message) == SSH_AUTH_METHOD_PUBLICKEY &&
         ssh_message_auth_reply_success(message, 0) == SSH_OK;
}

void SshServer::answer(ssh_session session) {
  // Where the client has hung up while it was written to, libssh would wait for a message for ever.
  while (ssh_is_connected(session) != 0) {
    const MessagePtr message(ssh_message_get(session));
    if (!message) return;
    const int type = ssh_message_type(message.get());
    if (type == SSH_REQUEST_SERVICE) {
      ssh_message_service_reply_success(message.get());
      continue;
    }
    if (type == SSH_REQUEST_AUTH) {
      if (!judge_key(message.get())) ssh_message_reply_default(message.get());
      continue;
    }
    const bool forwarding =
        type == SSH_REQUEST_CHANNEL_OPEN && ssh_message_subtype(message.get()) == SSH_CHANNEL_DIRECT_TCPIP;
    if (forwarding && behaviour_.drop_after_login) return;
    if (!forwarding || refused_ < behaviour_.refuse_channels) {
      if (forwarding) ++refused_;
      ssh_message_reply_default(message.get());
      continue;
    }
    const ssh_channel channel = ssh_message_channel_request_open_reply_accept(message.get());
    if (channel == nullptr) return;
    constexpr int kMilliseconds = 5000;
    ssh_blocking_flush(session, kMilliseconds);
    (behaviour_.script ? behaviour_.script : echo)(session, channel);
    ssh_channel_send_eof(channel);
    ssh_channel_close(channel);
  }
}

}  // namespace tlswarden::test_support

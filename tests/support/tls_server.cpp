#include "tests/support/tls_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace tlswarden::test_support {
namespace {

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::abort();
}

int bound_socket(std::uint16_t& port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (socket < 0 || ::bind(socket, generic, size) != 0 || ::getsockname(socket, generic, &size) != 0) {
    give_up("tests: cannot bind a loopback port");
  }
  port = ntohs(address.sin_port);
  return socket;
}

int choose_alpn(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned in_size, void* accepted) {
  const std::string_view offered(reinterpret_cast<const char*>(in), in_size);
  for (const std::string& name : *static_cast<const std::vector<std::string>*>(accepted)) {
    for (std::size_t at = 0; at < offered.size(); at += 1 + static_cast<unsigned char>(offered[at])) {
      const auto size = static_cast<unsigned char>(offered[at]);
      if (offered.substr(at + 1, size) != name) continue;
      *out = in + at + 1;
      *out_size = size;
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int accept_any_client(int /*verified*/, X509_STORE_CTX* /*store*/) {
  return 1;
}

int send_staple(SSL* ssl, void* response) {
  const auto& bytes = *static_cast<const base::Bytes*>(response);
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(bytes.data(), bytes.size()));
  if (copy == nullptr) return SSL_TLSEXT_ERR_ALERT_FATAL;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(bytes.size()));
  return SSL_TLSEXT_ERR_OK;
}

pki::X509Ptr x509_of(const Minted& minted) {
  const auto* der = minted.certificate->der.data();
  return pki::X509Ptr(d2i_X509(nullptr, &der, static_cast<long>(minted.certificate->der.size())));
}

void set_client_auth(SSL_CTX* context, const ServerTls& tls) {
  if (tls.client_auth == ServerTls::ClientAuth::kNone) return;
  int mode = SSL_VERIFY_PEER;
  if (tls.client_auth == ServerTls::ClientAuth::kRequire) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, tls.client_authorities.empty() ? accept_any_client : nullptr);
  X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), tls.now.time_since_epoch().count());
  for (const Minted& authority : tls.client_authorities) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), x509_of(authority).get());
  }
}

pki::SslContextPtr make_context(ServerTls& tls) {
  pki::SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), tls.min_version == 0 ? TLS1_VERSION : tls.min_version);
  SSL_CTX_set_max_proto_version(context.get(), tls.max_version);
  SSL_CTX_set_cipher_list(context.get(), tls.ciphers.empty() ? "ALL:@SECLEVEL=0" : tls.ciphers.c_str());
  if (!tls.groups.empty()) SSL_CTX_set1_groups_list(context.get(), tls.groups.c_str());
  for (std::size_t i = 0; i < tls.chain.size(); ++i) {
    const pki::X509Ptr certificate = x509_of(tls.chain[i]);
    const int added = i == 0 ? SSL_CTX_use_certificate(context.get(), certificate.get())
                             : SSL_CTX_add1_chain_cert(context.get(), certificate.get());
    if (added != 1) give_up("tests: the server cannot use its certificate");
  }
  if (!tls.chain.empty() && SSL_CTX_use_PrivateKey(context.get(), tls.chain.front().key.get()) != 1) {
    give_up("tests: the server cannot use its key");
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  set_client_auth(context.get(), tls);
  if (!tls.staple.empty()) {
    SSL_CTX_set_tlsext_status_cb(context.get(), send_staple);
    SSL_CTX_set_tlsext_status_arg(context.get(), &tls.staple);
  }
  if (!tls.alpn.empty()) SSL_CTX_set_alpn_select_cb(context.get(), choose_alpn, &tls.alpn);
  return context;
}

}  // namespace

ServerConnection::~ServerConnection() = default;

bool ServerConnection::start_tls() {
  ssl_.reset(SSL_new(context_));
  SSL_set_fd(ssl_.get(), socket_);
  const bool finished = SSL_accept(ssl_.get()) == 1;
  ERR_clear_error();
  return finished;
}

void ServerConnection::send(std::string_view bytes) {
  if (ssl_) {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    ERR_clear_error();
    return;
  }
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::string ServerConnection::receive_some() {
  std::array<char, 4096> buffer;
  const auto count =
      ssl_ ? static_cast<ssize_t>(SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size())))
           : ::recv(socket_, buffer.data(), buffer.size(), 0);
  ERR_clear_error();
  return count > 0 ? std::string(buffer.data(), static_cast<std::size_t>(count)) : std::string();
}

std::string ServerConnection::receive(std::size_t count) {
  std::string all(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const auto got =
        ssl_ ? static_cast<ssize_t>(SSL_read(ssl_.get(), all.data() + have, static_cast<int>(count - have)))
             : ::recv(socket_, all.data() + have, count - have, 0);
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  ERR_clear_error();
  all.resize(have);
  return all;
}

void ServerConnection::drain() {
  while (!receive_some().empty()) {
  }
}

void ServerConnection::finish() {
  ::shutdown(socket_, SHUT_WR);
  drain();
}

void ServerConnection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void ServerConnection::close_notify() {
  if (ssl_) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

std::string ServerConnection::server_name() const {
  const char* name = ssl_ ? SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name) : nullptr;
  return name != nullptr ? name : "";
}

std::string ServerConnection::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  if (ssl_) SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool ServerConnection::has_client_certificate() const {
  return ssl_ && SSL_get0_peer_certificate(ssl_.get()) != nullptr;
}

struct ScriptedServer::Impl {
  std::optional<ServerTls> tls;
  pki::SslContextPtr context;
  std::vector<Script> scripts;
  std::uint16_t port = 0;
  int listener = -1;
  mutable std::mutex mutex;
  bool stopping = false;
  std::size_t accepted = 0;
  std::set<int> open;
  std::vector<std::thread> talkers;
  std::thread acceptor;

  void accept_all() {
    for (;;) {
      const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      const std::lock_guard lock(mutex);
      if (stopping || socket < 0) {
        if (socket >= 0) ::close(socket);
        return;
      }
      const Script& script = scripts[std::min(accepted, scripts.size() - 1)];
      ++accepted;
      open.insert(socket);
      talkers.emplace_back([this, socket, &script] { talk(socket, script); });
    }
  }

  void talk(int socket, const Script& script) {
    // A script's pieces go out when it sends them, not when the client's system acknowledges the one before.
    const int on = 1;
    static_cast<void>(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
    {
      ServerConnection connection(socket, context.get());
      script(connection);
    }
    const std::lock_guard lock(mutex);
    open.erase(socket);
    ::close(socket);
  }
};

ScriptedServer::ScriptedServer(Script script, std::optional<ServerTls> tls)
    : ScriptedServer(std::vector<Script>{std::move(script)}, std::move(tls)) {}

ScriptedServer::ScriptedServer(std::vector<Script> scripts, std::optional<ServerTls> tls)
    : impl_(std::make_unique<Impl>()) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  impl_->scripts = std::move(scripts);
  impl_->tls = std::move(tls);
  if (impl_->tls) impl_->context = make_context(*impl_->tls);
  impl_->listener = bound_socket(impl_->port);
  if (::listen(impl_->listener, 64) != 0) give_up("tests: cannot listen");
  impl_->acceptor = std::thread([impl = impl_.get()] { impl->accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    ::shutdown(impl_->listener, SHUT_RDWR);
    for (const int socket : impl_->open)
      ::shutdown(socket, SHUT_RDWR);
  }
  impl_->acceptor.join();
  for (std::thread& talker : impl_->talkers)
    talker.join();
  ::close(impl_->listener);
}

std::uint16_t ScriptedServer::port() const {
  return impl_->port;
}

std::size_t ScriptedServer::connections() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->accepted;
}

ClosedPort::ClosedPort() : socket_(bound_socket(port_)) {}
ClosedPort::~ClosedPort() {
  ::close(socket_);
}

}  // namespace tlswarden::test_support

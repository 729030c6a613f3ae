#include "kube/socket_link.hpp"

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>
#include <system_error>
#include <utility>

#include "pki/openssl_support.hpp"

namespace tlswarden::kube {
namespace {

using Kind = TransportError::Kind;

/// One of several addresses may swallow packets; the others want their turn.
constexpr std::chrono::seconds kConnectShare{10};

std::string words(int error) {
  return std::generic_category().message(error);
}

/// A dead peer is found by probes while nothing is under way, and by unacknowledged data else; API servers
/// send nothing at all on an idle watch, so nothing but TCP can tell.
void watch_for_death(int socket) {
  constexpr int kYes = 1, kIdleSeconds = 30, kIntervalSeconds = 10, kProbes = 3, kUnacknowledged = 60'000;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &kYes, sizeof kYes);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &kIdleSeconds, sizeof kIdleSeconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &kIntervalSeconds, sizeof kIntervalSeconds);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &kProbes, sizeof kProbes);
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnacknowledged, sizeof kUnacknowledged);
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &kYes, sizeof kYes);
}

struct AddressListRelease {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListRelease>;

base::Result<AddressList, int> look_up(const ServerAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG | (is_ip_literal(address.host) ? AI_NUMERICHOST : 0);
  if ((hints.ai_flags & AI_NUMERICHOST) != 0) hints.ai_flags &= ~AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &list);
  if (error != 0) return tl::unexpected(error);
  return AddressList(list);
}

/// SNI, and what the certificate must be for: as Go does it, no common name stands in for a SAN, and an
/// intermediate of the bundle is an anchor as good as a root.
bool set_server_name(SSL* ssl, const TlsSetting& tls, base::WallTime now) {
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_time(parameters, now.time_since_epoch().count());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_ip_literal(tls.server_name)) {
    return X509_VERIFY_PARAM_set1_ip_asc(parameters, tls.server_name.c_str()) == 1;
  }
  return X509_VERIFY_PARAM_set1_host(parameters, tls.server_name.data(), tls.server_name.size()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  std::string(tls.server_name).data()) == 1;
}

}  // namespace

void SocketLink::begin(base::Deadline deadline, const Cancellation& cancellation) {
  deadline_ = deadline;
  cancellation_ = &cancellation;
  problem_.reset();
}

void SocketLink::fail(Kind kind, std::string message) {
  if (!problem_) problem_ = TransportError{kind, std::move(message)};
}

bool SocketLink::wait(short events) {
  for (;;) {
    if (cancellation_->cancelled()) {
      fail(Kind::kCancelled, "the request was cancelled");
      return false;
    }
    std::array<pollfd, 2> waited{{{socket_, events, 0}, {cancellation_->descriptor(), POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_.left(clock_.monotonic()));
    const int ready =
        ::poll(waited.data(), waited.size(), static_cast<int>(std::min<long>(left.count(), INT_MAX)));
    if (ready == 0) {
      fail(Kind::kTimedOut, "the API server did not answer in time");
      return false;
    }
    if (ready < 0 && errno != EINTR) {
      fail(Kind::kBroken, "the connection cannot be waited for (" + words(errno) + ")");
      return false;
    }
    if (ready > 0 && waited[0].revents != 0) return true;
  }
}

base::Result<int, TransportError> SocketLink::connect(const ServerAddress& address,
                                                      const TlsSettingPtr& tls) {
  problem_.reset();
  end_tls();
  const auto refuse = [&](Kind kind, const std::string& why) -> base::Result<int, TransportError> {
    return tl::unexpected(
        TransportError{kind, "cannot reach the API server at " + to_string(address) + ": " + why});
  };
  const auto candidates = look_up(address);
  if (!candidates) return refuse(Kind::kUnreachable, ::gai_strerror(candidates.error()));
  const base::Deadline whole = deadline_;
  bool connected = false;
  for (const addrinfo* candidate = candidates->get(); candidate != nullptr && !connected;
       candidate = candidate->ai_next) {
    problem_.reset();
    deadline_ = whole.at_most(clock_.monotonic(), kConnectShare);
    connected = connect_to(*candidate);
    if (!connected && cancellation_->cancelled()) break;
  }
  deadline_ = whole.at_most(clock_.monotonic(), kConnectShare);
  const bool ready = connected && (tls == nullptr || start_tls(address, *tls));
  deadline_ = whole;
  if (ready) {
    tls_ = tls;
    return socket_;
  }
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  ssl_.reset();
  const TransportError why = problem_.value_or(TransportError{Kind::kUnreachable, "it has no address"});
  problem_.reset();
  if (why.kind == Kind::kCancelled) return tl::unexpected(why);
  return refuse(why.kind == Kind::kUntrusted ? Kind::kUntrusted : Kind::kUnreachable, why.message);
}

bool SocketLink::connect_to(const addrinfo& candidate) {
  socket_ = ::socket(candidate.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, candidate.ai_protocol);
  if (socket_ < 0) {
    fail(Kind::kUnreachable, words(errno));
    return false;
  }
  watch_for_death(socket_);
  int error = ::connect(socket_, candidate.ai_addr, candidate.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    socklen_t size = sizeof error;
    if (!wait(POLLOUT)) {
      error = ETIMEDOUT;
    } else if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
      error = errno;
    }
  }
  if (error == 0) return true;
  fail(Kind::kUnreachable, words(error));
  ::close(std::exchange(socket_, -1));
  return false;
}

bool SocketLink::start_tls(const ServerAddress& address, const TlsSetting& tls) {
  ERR_clear_error();
  ssl_.reset(SSL_new(tls.context.get()));
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket_) != 1 || !set_server_name(ssl_.get(), tls, clock_.now())) {
    fail(Kind::kUntrusted, "TLS cannot be set up for " + address.host + " (" + pki::openssl_reason() + ")");
    return false;
  }
  for (;;) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    if (result == 1) return true;
    const std::string refused = tls.verify ? verification_problem(*ssl_) : std::string();
    if (!refused.empty()) {
      fail(Kind::kUntrusted, "its certificate is not trusted (" + refused +
                                 "); check certificate-authority and the server's name in the kubeconfig");
      return false;
    }
    if (!retry_after(result)) {
      if (problem_->kind == Kind::kBroken) {
        problem_ = TransportError{Kind::kUntrusted, "TLS failed (" + problem_->message + ")"};
      }
      return false;
    }
  }
}

bool SocketLink::retry_after(int result) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return wait(POLLIN);
    case SSL_ERROR_WANT_WRITE:
      return wait(POLLOUT);
    case SSL_ERROR_SYSCALL:
      fail(Kind::kBroken, system_error == 0 ? "the server closed the connection" : words(system_error));
      return false;
    case SSL_ERROR_ZERO_RETURN:
      fail(Kind::kBroken, "the server closed the connection");
      return false;
    default:
      fail(Kind::kBroken, pki::openssl_reason());
      return false;
  }
}

bool SocketLink::retry_after_errno(short events) {
  if (errno == EINTR) return true;
  if (errno == EAGAIN || errno == EWOULDBLOCK) return wait(events);
  fail(Kind::kBroken, "the connection to the API server broke (" + words(errno) + ")");
  return false;
}

void SocketLink::end_tls() noexcept {
  // After a broken exchange OpenSSL must not be asked to say good-bye.
  if (ssl_ && !problem_) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  ssl_.reset();
  socket_ = -1;
}

bool SocketLink::stale() {
  if (socket_ < 0) return false;
  char byte = 0;
  if (!ssl_) {
    const ssize_t count = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }
  // Reads past session tickets, which are no answer to anything.
  ERR_clear_error();
  const int count = SSL_peek(ssl_.get(), &byte, 1);
  return count > 0 || SSL_get_error(ssl_.get(), count) != SSL_ERROR_WANT_READ;
}

ssize_t SocketLink::read(char* data, std::size_t size) {
  for (;;) {
    // Looked at here too: a peer that never pauses would otherwise have no end.
    if (cancellation_->cancelled() || deadline_.passed(clock_.monotonic())) {
      if (!wait(POLLIN)) return -1;
      fail(Kind::kTimedOut, "the API server did not finish its answer in time");
      return -1;
    }
    if (ssl_) {
      ERR_clear_error();
      errno = 0;
      const int count = SSL_read(ssl_.get(), data, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
      if (count > 0) return count;
      if (SSL_get_error(ssl_.get(), count) == SSL_ERROR_ZERO_RETURN) return 0;
      if (!retry_after(count)) return -1;
      continue;
    }
    const ssize_t count = ::recv(socket_, data, size, 0);
    if (count >= 0) return count;
    if (!retry_after_errno(POLLIN)) return -1;
  }
}

ssize_t SocketLink::write(const char* data, std::size_t size) {
  for (;;) {
    if (ssl_) {
      ERR_clear_error();
      errno = 0;
      const int count = SSL_write(ssl_.get(), data, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
      if (count > 0) return count;
      if (!retry_after(count)) return -1;
      continue;
    }
    const ssize_t count = ::send(socket_, data, size, MSG_NOSIGNAL);
    if (count >= 0) return count;
    if (!retry_after_errno(POLLOUT)) return -1;
  }
}

bool SocketLink::readable() {
  return (ssl_ && SSL_pending(ssl_.get()) > 0) || wait(POLLIN);
}

bool SocketLink::writable() {
  return wait(POLLOUT);
}

}  // namespace tlswarden::kube

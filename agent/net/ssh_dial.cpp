#include "net/ssh_dial.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <cerrno>

#include "net/address.hpp"
#include "net/resolver.hpp"
#include "net/system_error.hpp"

namespace tlswarden::net {
namespace {

using boost::asio::ip::tcp;

IoError error_of(int number) {
  return io_error_from(boost::system::error_code(number, boost::system::system_category()));
}

IoResult<Descriptor> connect_to(const tcp::endpoint& endpoint, SshPatience& patience) {
  Descriptor socket(
      ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!socket) return tl::unexpected(error_of(errno));
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) return socket;
  if (errno != EINPROGRESS) return tl::unexpected(error_of(errno));
  switch (patience.wait(socket.get(), POLLOUT)) {
    case SshPatience::Woken::kTimedOut:
      return tl::unexpected(IoError{IoError::Kind::kTimedOut, "no answer in time"});
    case SshPatience::Woken::kStopped:
      return tl::unexpected(IoError{IoError::Kind::kCancelled, "cancelled"});
    case SshPatience::Woken::kReady:
      break;
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return tl::unexpected(error_of(error));
  return socket;
}

std::string words_for(const std::string& who, IoError::Kind kind, std::string_view words) {
  using Kind = IoError::Kind;
  switch (kind) {
    case Kind::kNameNotFound:
      return "The name of the bastion " + who + " does not exist; check spec.tunnel.ssh.host.";
    case Kind::kResolverFailure:
      return "The resolver could not answer for the bastion " + who + ": " + std::string(words) + ".";
    case Kind::kConnectionRefused:
      return "Nothing accepts connections at the bastion " + who +
             "; start its SSH server, or correct spec.tunnel.ssh.host and port.";
    case Kind::kTimedOut:
      return "No SSH connection came about in time with the bastion " + who +
             "; a firewall may be dropping the packets, or the SSH server hangs.";
    case Kind::kNetworkUnreachable:
      return "There is no route to the bastion " + who + ": " + std::string(words) + ".";
    case Kind::kConnectionReset:
    case Kind::kPeerClosed:
      return "The bastion " + who +
             " hung up before the SSH connection was agreed upon; look at the SSH server's log.";
    case Kind::kCancelled:
      return "The check was cancelled.";
    default:
      return "Talking to the bastion " + who + " failed: " + std::string(words) + ".";
  }
}

}  // namespace

std::string bastion_name(const SshSettings& settings) {
  return to_string(Address{settings.host, settings.port});
}

TunnelError unreachable_bastion(const SshSettings& settings, IoError::Kind kind, std::string_view words) {
  const auto which = kind == IoError::Kind::kCancelled ? TunnelError::Kind::kCancelled
                                                       : TunnelError::Kind::kBastionUnreachable;
  return TunnelError{which, words_for(bastion_name(settings), kind, words), {}, kind};
}

TunnelResult<Descriptor> dial_bastion(const SshSettings& settings, SshPatience& patience) {
  const auto addresses = look_up_host(settings.host);
  if (!addresses) {
    const IoError& error = addresses.error();
    return tl::unexpected(unreachable_bastion(settings, error.kind, error.message));
  }
  IoError last;
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    boost::system::error_code invalid;
    const auto ip = boost::asio::ip::make_address((*addresses)[i], invalid);
    if (invalid) continue;
    SshPatience share = patience.shortened(patience.left() / static_cast<int>(addresses->size() - i));
    auto socket = connect_to(tcp::endpoint(ip, settings.port), share);
    if (socket) return std::move(*socket);
    last = std::move(socket.error());
    if (last.kind == IoError::Kind::kCancelled) break;
  }
  return tl::unexpected(unreachable_bastion(settings, last.kind, last.message));
}

}  // namespace tlswarden::net

#include "net/ssh_forward.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace tlswarden::net {
namespace {

/// More than libssh ever grants as a window (1.28 MB).
constexpr int kMostUnread = 4 << 20;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

short SshForward::events() const {
  const bool wants = outbound_.empty() && !end_closed_ && ssh_channel_window_size(channel_.get()) > 0;
  return static_cast<short>((wants ? POLLIN : 0) | (inbound_.empty() ? 0 : POLLOUT));
}

SshForward::Moved SshForward::move(bool end_is_ready) {
  constexpr int kRounds = 8;
  bool some = false;
  for (int round = 0; round < kRounds && !broken_; ++round) {
    const bool received = receive();
    const bool delivered = deliver();
    const bool collected = end_is_ready && collect();
    const bool sent = send();
    if (!received && !delivered && !collected && !sent) break;
    some = true;
  }
  if (hostile()) return Moved::kHostile;
  if (end_closed_ && outbound_.empty()) {
    ssh_channel_send_eof(channel_.get());
    return Moved::kOver;
  }
  const bool finished = channel_ended_ && inbound_.empty() && ssh_channel_is_closed(channel_.get()) != 0;
  return broken_ || finished ? Moved::kOver : some ? Moved::kSome : Moved::kNothing;
}

/// From the channel.
bool SshForward::receive() {
  if (!inbound_.empty() || channel_ended_) return false;
  const int count = ssh_channel_read_nonblocking(channel_.get(), inbound_.bytes.data(),
                                                 static_cast<std::uint32_t>(inbound_.bytes.size()), 0);
  if (count > 0) {
    inbound_.begin = 0;
    inbound_.end = static_cast<std::size_t>(count);
    return true;
  }
  // Where the whole SSH connection has ended, the stream may end only once it says so.
  if (ssh_is_connected(ssh_channel_get_session(channel_.get())) == 0) return false;
  if (count < 0 || ssh_channel_is_eof(channel_.get()) != 0) {
    channel_ended_ = true;
    ::shutdown(end_.get(), SHUT_WR);
  }
  return false;
}

/// To the socket.
bool SshForward::deliver() {
  if (inbound_.empty()) return false;
  const auto count = ::send(end_.get(), inbound_.bytes.data() + inbound_.begin, inbound_.end - inbound_.begin,
                            MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0 && !would_block()) broken_ = true;
  if (count <= 0) return false;
  inbound_.begin += static_cast<std::size_t>(count);
  return true;
}

/// From the socket, no more than the channel's window takes.
bool SshForward::collect() {
  const std::size_t window = ssh_channel_window_size(channel_.get());
  if (!outbound_.empty() || end_closed_ || window == 0) return false;
  const auto count =
      ::recv(end_.get(), outbound_.bytes.data(), std::min(outbound_.bytes.size(), window), MSG_DONTWAIT);
  if (count == 0 || (count < 0 && !would_block())) end_closed_ = true;
  if (count <= 0) return false;
  outbound_.begin = 0;
  outbound_.end = static_cast<std::size_t>(count);
  return true;
}

/// To the channel.
bool SshForward::send() {
  if (outbound_.empty()) return false;
  const int count = ssh_channel_write(channel_.get(), outbound_.bytes.data() + outbound_.begin,
                                      static_cast<std::uint32_t>(outbound_.end - outbound_.begin));
  if (count < 0 && count != SSH_AGAIN) broken_ = true;
  if (count <= 0) return false;
  outbound_.begin += static_cast<std::size_t>(count);
  return true;
}

bool SshForward::hostile() const {
  if (channel_ended_ || ssh_channel_is_closed(channel_.get()) != 0) return false;
  return ssh_channel_poll(channel_.get(), 0) > kMostUnread || ssh_channel_poll(channel_.get(), 1) > 0;
}

}  // namespace tlswarden::net

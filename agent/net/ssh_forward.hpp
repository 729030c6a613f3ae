#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "net/descriptor.hpp"
#include "net/ssh.hpp"
#include "net/ssh_orders.hpp"

namespace tlswarden::net {

/// One forwarded connection: carries bytes between a channel and the thread's end of a pair of sockets. Holds
/// at most one piece in each direction; beyond that the window of the channel and the buffer of the socket
/// make the sender wait. Used by the bastion's thread only.
class SshForward {
 public:
  SshForward(SshOrderPtr order, SshChannelPtr channel)
      : order_(std::move(order)), channel_(std::move(channel)), end_(order_->take_end()) {}

  /// What to wait for on descriptor(); 0: nothing.
  short events() const;
  int descriptor() const { return end_.get(); }

  enum class Moved { kNothing, kSome, kOver, kHostile };
  /// Carries what can be carried without waiting. kOver: this connection has ended. kHostile: the bastion
  /// sent what it must not: beyond the window, or on a stream that a forwarding does not have.
  Moved move(bool end_is_ready);

  /// The SSH connection is gone: the stream ends, and says why.
  void lose() { order_->lost = true; }

 private:
  struct Piece {
    std::array<std::uint8_t, 16384> bytes;
    std::size_t begin = 0, end = 0;
    bool empty() const { return begin == end; }
  };
  bool receive();
  bool deliver();
  bool collect();
  bool send();
  bool hostile() const;

  SshOrderPtr order_;
  SshChannelPtr channel_;
  Descriptor end_;
  Piece inbound_, outbound_;
  bool channel_ended_ = false, end_closed_ = false, broken_ = false;
};

}  // namespace tlswarden::net

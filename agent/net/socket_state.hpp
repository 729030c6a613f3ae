#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "base/deadline.hpp"

namespace tlswarden::net {

struct SocketState;

/// Cancels one direction's pending operation when its deadline passes. Stays armed from one operation to the
/// next as long as they share a deadline, so a whole conversation costs one timer.
class Watchdog {
 public:
  explicit Watchdog(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// Call before an operation that may wait; `left` is the time until `deadline`.
  void guard(const std::shared_ptr<SocketState>& state, base::Deadline deadline,
             std::chrono::nanoseconds left);
  /// Call after it.
  void rest() { waiting_ = false; }
  void stop() { timer_.cancel(); }

  bool fired() const { return fired_; }
  /// Whether the operation was cancelled only because the other direction's deadline passed; asking clears
  /// it.
  bool disturbed() { return std::exchange(disturbed_, false); }

 private:
  void fire(SocketState& state);

  boost::asio::steady_timer timer_;
  std::optional<base::MonoTime> armed_for_;
  std::uint64_t generation_ = 0;
  bool waiting_ = false, fired_ = false, disturbed_ = false;
};

/// What a stream and its timers share: a timer's handler may run after the stream is gone.
struct SocketState {
  explicit SocketState(boost::asio::generic::stream_protocol::socket connected)
      : socket(std::move(connected)), reading(socket.get_executor()), writing(socket.get_executor()) {}

  boost::asio::generic::stream_protocol::socket socket;
  Watchdog reading, writing;
};

}  // namespace tlswarden::net

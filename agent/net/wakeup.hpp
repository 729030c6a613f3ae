#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "net/awaitable.hpp"

namespace tlswarden::net {

/// Wakes one coroutine from any thread. Shared between that coroutine and whoever will wake it: a
/// notification may come late, after the coroutine gave up and even after its loop is gone. Always held by a
/// shared_ptr.
class Wakeup : public std::enable_shared_from_this<Wakeup> {
 public:
  enum class Woken { kNotified, kTimedOut, kCancelled };

  /// `executor` is that of the coroutine that will wait.
  explicit Wakeup(Executor executor) : executor_(std::move(executor)) {}

  /// From any thread. A notification that nobody waits for yet is kept, once.
  void notify();
  /// From the loop of `executor`, one coroutine at a time. `left` is how long to wait; none: for as long as
  /// it takes.
  Awaitable<Woken> wait(std::optional<std::chrono::nanoseconds> left = std::nullopt);

 private:
  /// The coroutine's timer, known to notifiers exactly as long as the coroutine waits.
  class Registration;
  bool take();

  std::mutex mutex_;
  Executor executor_;
  bool notified_ = false;
  boost::asio::steady_timer* timer_ = nullptr;
};

}  // namespace tlswarden::net

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "net/descriptor.hpp"
#include "net/tunnels.hpp"
#include "net/wakeup.hpp"

namespace tlswarden::net {

/// One wish for a connection through a bastion: shared between the coroutine that wishes, and the bastion's
/// thread, which may answer late.
class SshOrder {
 public:
  /// An empty `host`: the SSH connection itself is all that is wished for. `end` is the thread's end of a
  /// pair of sockets.
  SshOrder(std::shared_ptr<Wakeup> wakeup, base::MonoTime by, std::string host, std::uint16_t port,
           Descriptor end)
      : wakeup_(std::move(wakeup)), by_(by), host_(std::move(host)), port_(port), end_(std::move(end)) {}

  const std::string& host() const { return host_; }
  std::uint16_t port() const { return port_; }
  base::MonoTime by() const { return by_; }

  /// Of the thread: answers, once, and wakes the coroutine.
  void answer(TunnelResult<void> result);
  Descriptor take_end() { return std::move(end_); }

  /// Of the coroutine.
  std::optional<TunnelResult<void>> taken();
  void abandon() { abandoned_ = true; }

  bool abandoned() const { return abandoned_; }
  /// The bastion has been asked to connect to host().
  std::atomic<bool> asked{false};
  /// The bastion has said anything since: it is the server's side that does not answer.
  std::atomic<bool> heard{false};
  /// The SSH connection ended under the stream; set before the stream's end can be seen.
  std::atomic<bool> lost{false};

 private:
  const std::shared_ptr<Wakeup> wakeup_;
  const base::MonoTime by_;
  const std::string host_;
  const std::uint16_t port_;
  Descriptor end_;
  std::atomic<bool> abandoned_{false};
  std::mutex mutex_;
  std::optional<TunnelResult<void>> answer_;
};
using SshOrderPtr = std::shared_ptr<SshOrder>;

/// The orders that one bastion's thread has not taken up yet. Safe from any thread.
class SshOrders {
 public:
  SshOrders();

  void put(SshOrderPtr order);
  void stop();

  bool stopped() const;
  bool empty() const;
  std::vector<SshOrderPtr> take();
  /// When the last of those waiting gives up; none when nobody waits.
  std::optional<base::MonoTime> patience() const;
  /// Whether somebody waited to the end, rather than being cancelled.
  bool outlasted(base::MonoTime now) const;
  /// Blocks until something is put or all is stopped.
  void wait();
  /// Readable since something was put or all was stopped, until calm().
  int descriptor() const { return signal_.get(); }
  void calm();

 private:
  void ring();

  const Descriptor signal_;
  mutable std::mutex mutex_;
  std::deque<SshOrderPtr> waiting_;
  bool stopped_ = false;
};

}  // namespace tlswarden::net

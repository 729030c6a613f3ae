#pragma once

#include "base/clock.hpp"
#include "net/ssh_orders.hpp"

namespace tlswarden::net {

/// How a bastion's thread waits while it connects: as long as somebody waits for it, but never longer than a
/// minute.
class SshPatience {
 public:
  enum class Woken { kReady, kTimedOut, kStopped };

  SshPatience(SshOrders& orders, const base::Clock& clock);
  /// Until `descriptor` has one of `events` (poll(2)).
  Woken wait(int descriptor, short events);
  /// How much time is left; at most a minute.
  std::chrono::nanoseconds left() const;
  /// The same, but ending `share` from now at the latest.
  SshPatience shortened(std::chrono::nanoseconds share) const;

 private:
  SshOrders& orders_;
  const base::Clock& clock_;
  base::MonoTime limit_;
};

}  // namespace tlswarden::net

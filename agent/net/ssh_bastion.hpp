#pragma once

#include <atomic>
#include <optional>
#include <thread>

#include "base/clock.hpp"
#include "net/ssh_orders.hpp"
#include "net/tunnels.hpp"

namespace tlswarden::net {

/// One bastion with the thread that keeps the SSH connection to it. Public functions are safe from any
/// thread but its own. Destruction ends the connection and the thread.
class SshBastion {
 public:
  /// `clock` must outlive it.
  SshBastion(SshSettingsPtr settings, const base::Clock& clock);
  ~SshBastion();
  SshBastion(const SshBastion&) = delete;
  SshBastion& operator=(const SshBastion&) = delete;

  bool is_for(const SshSettings& settings) const;
  void place(SshOrderPtr order);
  /// Whether it has no connection and nobody has asked for one for ten minutes.
  bool forgotten() const;

 private:
  void run();
  void serve();
  void answer_all(const TunnelError& error);

  const SshSettingsPtr settings_;
  const base::Clock& clock_;
  SshOrders orders_;
  std::atomic<bool> resting_{true};
  std::atomic<base::MonoTime> last_order_;
  std::optional<TunnelError> last_failure_;
  std::chrono::milliseconds pause_{0};
  base::MonoTime next_attempt_{};
  std::thread thread_;
};

}  // namespace tlswarden::net

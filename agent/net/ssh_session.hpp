#pragma once

#include <deque>
#include <list>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "net/ssh.hpp"
#include "net/ssh_forward.hpp"
#include "net/ssh_orders.hpp"
#include "net/tunnels.hpp"

namespace tlswarden::net {

/// An SSH connection that stands: takes orders up, opens channels for them and carries their bytes. Used by
/// the bastion's thread only.
class SshSession {
 public:
  SshSession(const SshSettings& settings, SshOrders& orders, const base::Clock& clock, SshSessionPtr session);
  ~SshSession();
  SshSession(const SshSession&) = delete;
  SshSession& operator=(const SshSession&) = delete;

  /// Serves until the connection breaks, the orders are stopped, or nobody has wanted anything for a while.
  void serve();

 private:
  struct Wish {
    SshOrderPtr order;
    SshChannelPtr channel{};  ///< once the bastion is being asked
    unsigned number = 0;      ///< as libssh counts its channels
    int overheard = 0;        ///< how often the answer was lost among those to others: then it is asked alone
  };
  struct Carried {
    std::unique_ptr<SshForward> forward;
    bool ready = true;  ///< its socket, when last looked at
  };

  bool alive() const;
  void take_up_orders();
  std::size_t wanted() const;
  bool may_begin() const;
  void open_channels();
  void begin(Wish wish);
  void ask_openings();
  void refused(Wish wish);
  TunnelError refusal(const SshOrder& order, unsigned long code, std::string words) const;
  bool carry();
  void wait(bool more_to_do);
  void keep_alive();
  void note_heard();
  void lose();

  const SshSettings& settings_;
  SshOrders& orders_;
  const base::Clock& clock_;
  ssh_counter_struct received_{};
  SshSessionPtr session_;
  SshEventPtr event_;
  std::deque<Wish> wishes_;
  std::list<Wish> openings_;
  std::list<Carried> forwards_;
  unsigned opened_ = 0;
  bool broken_ = false;
  base::MonoTime last_used_, last_heard_, last_asked_;
};

}  // namespace tlswarden::net

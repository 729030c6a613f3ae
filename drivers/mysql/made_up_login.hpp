#pragma once

#include <optional>

#include "drivers/mysql/greeting.hpp"
#include "drivers/mysql/packet.hpp"
#include "drivers/mysql/server_error.hpp"
#include "probe/conversation.hpp"

namespace tlswarden::drivers::mysql {

/// Brings the connection phase to the end that a server doesn't count as broken off: the login of a made-up
/// user without a password, up to the server's refusal. A server blocks a host after max_connect_errors (100)
/// connections that ended sooner (MySQL reference manual, "DNS Lookups and the Host Cache"); a refused login
/// is not among them.
class MadeUpLogin {
 public:
  MadeUpLogin(Greeting greeting, bool tls, probe::Stage stage);

  probe::Action start();
  probe::Action receive(base::ByteView bytes);
  probe::Action peer_closed() const;

  /// The server answered: whatever it thinks of the user, it accepted the connection so far.
  bool answered() const { return answered_; }
  /// The error the login ended with; none when the server let the made-up user in.
  const std::optional<ServerError>& refusal() const { return refusal_; }

 private:
  probe::Action handle(const Packet& packet);
  probe::Action answer_switch(const Packet& packet);
  probe::Action fail(probe::Cause cause, std::string message) const;

  Greeting greeting_;
  bool tls_;
  probe::Stage stage_;
  PacketReader reader_;
  std::string plugin_;
  int rounds_ = 0;
  bool answered_ = false;
  std::optional<ServerError> refusal_;
};

}  // namespace tlswarden::drivers::mysql

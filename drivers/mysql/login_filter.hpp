#pragma once

#include <cstdint>
#include <string>

#include "drivers/common/relay.hpp"
#include "drivers/mysql/greeting.hpp"
#include "drivers/mysql/packet.hpp"

namespace tlswarden::drivers::mysql {

/// Lets Connector/C log in over a connection whose TLS is already up, while it believes to be on a plain
/// local one. Until the server has accepted or refused the login, this rewrites
///  - the greeting: no CLIENT_SSL, and none of the abilities that were not agreed on before TLS started;
///  - sequence numbers: SSLRequest, which the library knows nothing of, took one;
///  - the library's capabilities: those that were agreed on;
///  - on an encrypted wire, a request for sha256_password or for PAM's single password prompt: into one for
///    mysql_clear_password, which sends the same bytes without a detour over RSA or a terminal.
/// From then on, bytes pass untouched. On an unencrypted wire a request for the password in the clear ends
/// the login.
class LoginFilter final : public common::RelayFilter {
 public:
  /// `greeting` is the server's first packet, header included, where it was read already; empty where it is
  /// still to come.
  LoginFilter(bool encrypted, base::Bytes greeting);

  base::Result<base::Bytes, probe::Failure> opening() override;
  base::Result<base::Bytes, probe::Failure> to_server(base::ByteView bytes) override;
  base::Result<base::Bytes, probe::Failure> to_library(base::ByteView bytes) override;

  /// The plugin that the server asked for last, raw; empty before it asked.
  const std::string& plugin() const { return plugin_; }

 private:
  enum class Phase { kGreeting, kResponse, kAuthentication, kThrough };

  base::Result<base::Bytes, probe::Failure> rewrite_greeting(Packet packet);
  base::Result<base::Bytes, probe::Failure> rewrite_answer(Packet packet);
  base::Result<void, probe::Failure> rewrite_switch(base::Bytes& payload);

  bool encrypted_;
  base::Bytes greeting_bytes_;
  std::uint32_t capabilities_ = 0;
  std::string plugin_;
  Phase phase_ = Phase::kGreeting;
  PacketReader from_server_, from_library_;
};

}  // namespace tlswarden::drivers::mysql

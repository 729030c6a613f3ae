#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "drivers/oracle/listener_dialogue.hpp"
#include "drivers/oracle/ttc_answer.hpp"
#include "probe/driver.hpp"

namespace tlswarden::drivers::oracle {

/// One session on one connection: first with the listener, then with the database. Both references outlive
/// it.
class Exchange {
 public:
  /// `channel` is without a stream where a second TLS handshake failed.
  Exchange(probe::SessionChannel& channel, probe::SessionContext& context, std::string_view service);

  /// Asks for the service, with another TLS handshake where the listener hands the connection on; why it is
  /// not to be had.
  net::Awaitable<std::optional<probe::Failure>> connect();
  /// Asks the database. The answer, be it an error, or why there is none.
  net::Awaitable<base::Result<TtcAnswer, probe::Failure>> ask(base::Bytes message, Asked asked);
  /// How much the server's messages hold from now on.
  void set_fields(std::uint8_t fields) { fields_ = fields; }
  std::uint8_t fields() const { return fields_; }
  /// Says goodbye; whatever comes of it.
  net::Awaitable<void> leave();

 private:
  net::Awaitable<std::optional<probe::Failure>> renew();
  net::Awaitable<std::optional<probe::Failure>> write(base::Bytes bytes);
  net::Awaitable<base::Result<std::size_t, probe::Failure>> read();
  net::Awaitable<base::Result<Packet, probe::Failure>> receive();
  net::Awaitable<std::optional<probe::Failure>> collect();
  net::Awaitable<std::optional<probe::Failure>> take_marker(base::ByteView body);
  Lengths lengths() const;

  probe::SessionChannel& channel_;
  probe::SessionContext& context_;
  base::Deadline deadline_;
  std::string peer_;
  ListenerDialogue dialogue_;
  std::uint8_t fields_ = 0;
  base::Bytes collected_;  ///< of the answer that is awaited
  bool reset_sent_ = false, resetting_ = false;
  std::array<std::uint8_t, 4096> buffer_{};
};

}  // namespace tlswarden::drivers::oracle

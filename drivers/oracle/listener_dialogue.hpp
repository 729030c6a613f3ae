#pragma once

#include <optional>
#include <string>

#include "drivers/oracle/listener_answer.hpp"
#include "drivers/oracle/tns_packet.hpp"

namespace tlswarden::drivers::oracle {

/// CONNECT and what follows until the listener has decided. Sans-I/O; shared by the protocol step, the
/// plaintext attempt and the login.
class ListenerDialogue {
 public:
  enum class State {
    kReading,
    kSendAgain,  ///< the listener wants request() once more
    kAnswered,   ///< answer() is there
    kBroken,     ///< broken() says how
  };

  explicit ListenerDialogue(std::string_view service);

  const base::Bytes& request() const { return request_; }
  State feed(base::ByteView bytes);
  /// Forgets the answer, as there is another TLS session with another server in it. False where that has
  /// happened too often.
  bool start_again();
  /// The peer ended the stream. Never kReading or kSendAgain.
  State close();
  /// Whether the peer has spoken TNS: from then on it is Oracle Net, whatever follows.
  bool spoken() const { return spoken_; }
  const ListenerAnswer& answer() const { return answer_; }
  probe::Cause broken() const { return broken_; }
  /// How to leave after the answer; empty where the listener itself ends it.
  base::Bytes farewell() const;
  /// For the packets behind the answer.
  PacketReader& reader() { return reader_; }

 private:
  std::optional<State> take(const Packet& packet);
  std::optional<State> take_resend(const Packet& packet);
  State take_refusal(base::ByteView text);
  State broken(probe::Cause cause);

  base::Bytes request_;
  PacketReader reader_;
  ListenerAnswer answer_;
  probe::Cause broken_{};
  int resends_ = 0;
  bool spoken_ = false;
  bool text_follows_ = false;
};

}  // namespace tlswarden::drivers::oracle

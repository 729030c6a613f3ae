#pragma once

#include <string>

#include "drivers/redis/reply.hpp"

namespace tlswarden::drivers::redis {

/// HELLO 2 and QUIT in one write: what can be asked without a login, and the polite end. QUIT saves the
/// server from finding out by itself that nobody is there.
base::Bytes hello_and_quit();

/// The answers to it. Sans-I/O; shared by the protocol step and the plaintext attempt.
class HelloAnswer {
 public:
  enum class State {
    kReading,
    kAnswered,  ///< the reply to HELLO is there: reply(); the one to QUIT is not
    kOver,      ///< both are there
    kBroken,    ///< not RESP: broken() says how
  };

  State feed(base::ByteView bytes);
  bool answered() const { return answered_; }
  /// To HELLO. An error is an answer too: before a login it is NOAUTH.
  const Reply& reply() const { return reply_; }
  probe::Cause broken() const { return broken_; }
  /// From the reply to HELLO; empty where a login is needed first.
  std::string server_version() const { return field("version"); }
  /// "Redis", "Valkey"; empty where a login is needed first.
  std::string product() const;

 private:
  std::string field(std::string_view name) const;

  ReplyReader reader_;
  Reply reply_;
  bool answered_ = false;
  probe::Cause broken_{};
};

}  // namespace tlswarden::drivers::redis

#pragma once

#include <optional>
#include <string>

#include "drivers/mongodb/message.hpp"

namespace tlswarden::drivers::mongodb {

/// What can be asked without a login: the greeting, then buildInfo. Sans-I/O; shared by the protocol step and
/// the plaintext attempt. There is no goodbye: clients of MongoDB end by closing.
class Introduction {
 public:
  enum class State {
    kReading,
    kAsk,     ///< the greeting is answered: send next_question(), and read on
    kOver,    ///< all is said
    kBroken,  ///< not MongoDB's protocol: broken() says how
  };

  static base::Bytes first_question() { return greeting(kGreeting); }
  base::Bytes next_question() const;
  State feed(base::ByteView bytes);

  /// The server spoke at all.
  bool heard() const { return heard_; }
  /// The greeting is answered, be it with an error.
  bool greeted() const { return greeted_; }
  /// The error that answers the greeting.
  const std::optional<Document>& refusal() const { return refusal_; }
  probe::Cause broken() const { return broken_; }
  /// Empty where the server tells its version only after a login.
  const std::string& server_version() const { return version_; }
  const std::string& product() const { return product_; }

 private:
  static constexpr std::int32_t kGreeting = 1, kBuildInfo = 2;
  State break_off(probe::Cause cause);
  State take_greeting(Document hello);

  ReplyReader reader_;
  bool heard_ = false, greeted_ = false, legacy_ = false;
  std::optional<Document> refusal_;
  probe::Cause broken_{};
  std::string version_, product_;
};

}  // namespace tlswarden::drivers::mongodb

#pragma once

#include "drivers/postgresql/startup.hpp"
#include "probe/conversation.hpp"

namespace tlswarden::drivers::postgresql {

/// StartupMessage and its answer up to where a password would be due, which is the same with and without TLS.
/// What an answer means there is for the two that derive from it to say.
class StartupConversation : public probe::Conversation {
 public:
  probe::Action start() final;
  probe::Action receive(base::ByteView bytes) final;
  probe::Action peer_closed() final;
  const probe::Findings& findings() const final { return findings_; }

 protected:
  StartupConversation(const probe::Target& target, probe::Stage stage);

  /// The server asks for a password, or opened the session without one. May be called more than once.
  virtual void admitted() = 0;
  /// The server answered an error, perhaps after admitted().
  virtual probe::Action refused(probe::Failure failure) = 0;

  probe::Findings findings_;

 private:
  Identity identity_;
  probe::Stage stage_;
  StartupAnswer answer_;
};

}  // namespace tlswarden::drivers::postgresql

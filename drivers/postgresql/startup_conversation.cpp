#include "drivers/postgresql/startup_conversation.hpp"

namespace tlswarden::drivers::postgresql {

using probe::Action;
using State = StartupAnswer::State;

StartupConversation::StartupConversation(const probe::Target& target, probe::Stage stage)
    : identity_(identity_of(target)), stage_(stage), answer_(target.engine) {}

Action StartupConversation::start() {
  return probe::Send{startup_message(identity_.user, identity_.database), probe::Send::Next::kRead};
}

Action StartupConversation::receive(base::ByteView bytes) {
  const auto state = answer_.feed(bytes);
  findings_.server_version = answer_.server_version();
  findings_.server_product = answer_.product();
  if (answer_.authenticated() || state == State::kAsksAuth) admitted();
  switch (state) {
    case State::kReading:
      return probe::NeedMore{};
    case State::kAsksAuth:
      return probe::Done{};
    case State::kReady:
      return probe::Send{terminate_message(), probe::Send::Next::kDone};
    case State::kError:
      return refused(to_failure(answer_.error(), stage_, identity_));
    case State::kBroken:
      break;
  }
  return probe::Fail{broken_answer(answer_.broken(), stage_)};
}

Action StartupConversation::peer_closed() {
  if (answer_.authenticated()) return probe::Done{};
  return probe::Fail{broken_answer(probe::Cause::kPeerClosed, stage_)};
}

}  // namespace tlswarden::drivers::postgresql

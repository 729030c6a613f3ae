#include "drivers/postgresql/plaintext_attempt.hpp"

#include "drivers/postgresql/startup.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Action;
using probe::Cause;
using probe::Stage;
using probe::Tristate;
using State = StartupAnswer::State;

class PlaintextAttempt final : public probe::Conversation {
 public:
  explicit PlaintextAttempt(const probe::Target& target) : identity_(identity_of(target)) {}

  Action start() override {
    return probe::Send{startup_message(identity_.user, identity_.database), probe::Send::Next::kRead};
  }

  Action receive(base::ByteView bytes) override {
    const auto state = answer_.feed(bytes);
    findings_.server_version = answer_.server_version();
    findings_.server_product = answer_.product();
    if (answer_.authenticated()) findings_.plaintext_accepted = Tristate::kYes;
    switch (state) {
      case State::kReading:
        return probe::NeedMore{};
      case State::kAsksAuth:
        findings_.plaintext_accepted = Tristate::kYes;
        return probe::Done{};
      case State::kReady:
        return probe::Send{terminate_message(), probe::Send::Next::kDone};
      case State::kError:
        return error();
      case State::kBroken:
        break;
    }
    return probe::Fail{broken_answer(answer_.broken(), Stage::kPlaintext)};
  }

  Action peer_closed() override {
    if (answer_.authenticated()) return probe::Done{};
    return probe::Fail{broken_answer(Cause::kPeerClosed, Stage::kPlaintext)};
  }

  const probe::Findings& findings() const override { return findings_; }

 private:
  Action error() {
    auto failure = to_failure(answer_.error(), Stage::kPlaintext, identity_);
    if (failure.cause == Cause::kTlsRequired) {
      findings_.plaintext_accepted = Tristate::kNo;
      return probe::Refused{std::move(failure)};
    }
    findings_.notice = std::move(failure);
    return probe::Done{};
  }

  Identity identity_;
  StartupAnswer answer_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_plaintext_attempt(const probe::Target& target) {
  return std::make_unique<PlaintextAttempt>(target);
}

}  // namespace tlswarden::drivers::postgresql

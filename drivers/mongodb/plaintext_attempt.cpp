#include "drivers/mongodb/plaintext_attempt.hpp"

#include "drivers/mongodb/introduction.hpp"
#include "drivers/mongodb/server_error.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using probe::Action;
using probe::Cause;
using probe::Stage;
using probe::Tristate;
using State = Introduction::State;

/// Whether bytes are the beginning of a TLS alert (RFC 8446, section 5.1), as proxies that end TLS answer.
/// Read as the length of a message they are more than is taken.
bool is_tls_alert(const base::Bytes& front) {
  return front.size() == 3 && front[0] == 0x15 && front[1] == 0x03 && front[2] != 0;
}

class PlaintextAttempt final : public probe::Conversation {
 public:
  Action start() override { return probe::Send{Introduction::first_question(), probe::Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
    for (std::size_t i = 0; i < bytes.size() && front_.size() < 3; ++i)
      front_.push_back(bytes[i]);
    if (is_tls_alert(front_)) return refused();
    const auto state = introduction_.feed(bytes);
    if (introduction_.greeted()) take_answers();
    switch (state) {
      case State::kReading:
        return probe::NeedMore{};
      case State::kAsk:
        return probe::Send{introduction_.next_question(), probe::Send::Next::kRead};
      case State::kOver:
        return probe::Done{};
      case State::kBroken:
        break;
    }
    return probe::Fail{broken_answer(introduction_.broken(), Stage::kPlaintext)};
  }

  Action peer_closed() override {
    if (introduction_.greeted()) return probe::Done{};
    if (!introduction_.heard()) return refused();
    return probe::Fail{broken_answer(Cause::kPeerClosed, Stage::kPlaintext)};
  }

  /// The greeting may arrive at a socket that is closed already.
  std::optional<Action> peer_reset() override { return peer_closed(); }

  const probe::Findings& findings() const override { return findings_; }

 private:
  void take_answers() {
    findings_.plaintext_accepted = Tristate::kYes;
    findings_.server_version = introduction_.server_version();
    findings_.server_product = introduction_.product();
  }

  Action refused() {
    findings_.plaintext_accepted = Tristate::kNo;
    return probe::Refused{tls_only(Stage::kPlaintext)};
  }

  Introduction introduction_;
  base::Bytes front_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_plaintext_attempt() {
  return std::make_unique<PlaintextAttempt>();
}

}  // namespace tlswarden::drivers::mongodb

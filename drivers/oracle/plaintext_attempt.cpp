#include "drivers/oracle/plaintext_attempt.hpp"

#include "drivers/oracle/connect_request.hpp"
#include "drivers/oracle/listener_dialogue.hpp"
#include "drivers/oracle/listener_version.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using probe::Action;
using probe::Cause;
using probe::Send;
using probe::Stage;
using probe::Tristate;
using State = ListenerDialogue::State;

class PlaintextAttempt final : public probe::Conversation {
 public:
  explicit PlaintextAttempt(const probe::Target& target)
      : service_declared_(is_service_name(target.database)), dialogue_(requested_service(target)) {}

  Action start() override { return Send{dialogue_.request(), Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
    for (std::size_t i = 0; i < bytes.size() && beginning_.size() < kTlsAlert.size(); ++i)
      beginning_.push_back(bytes[i]);
    if (base::as_text(beginning_) == kTlsAlert) return tls_only();
    return act(dialogue_.feed(bytes), false);
  }

  Action peer_closed() override {
    if (beginning_.empty()) return tls_only();
    return act(dialogue_.close(), true);
  }

  /// What a TLS listener does with bytes that are not TLS.
  std::optional<Action> peer_reset() override { return peer_closed(); }

  const probe::Findings& findings() const override { return findings_; }

 private:
  // RFC 8446, section 5.1: the type and the major version of a record that carries an alert.
  static constexpr std::string_view kTlsAlert = "\x15\x03";

  Action act(State state, bool closed) {
    switch (state) {
      case State::kReading:
        return probe::NeedMore{};
      case State::kSendAgain:
        return start();
      case State::kAnswered:
        return take_answer(closed);
      case State::kBroken:
        break;
    }
    return probe::Fail{broken_answer(dialogue_.broken(), Stage::kPlaintext)};
  }

  /// A filter turns this client's address away with or without TLS, so it proves nothing about plaintext.
  Action take_answer(bool closed) {
    const auto& answer = dialogue_.answer();
    findings_.plaintext_accepted = turns_away(answer) ? Tristate::kUnknown : Tristate::kYes;
    findings_.server_version = listener_version(answer.packed_version);
    findings_.notice = notice_of(answer, service_declared_, Stage::kPlaintext);
    auto farewell = dialogue_.farewell();
    if (closed || farewell.empty()) return probe::Done{};
    return Send{std::move(farewell), Send::Next::kDone};
  }

  Action tls_only() {
    findings_.plaintext_accepted = Tristate::kNo;
    return probe::Refused{{.stage = Stage::kPlaintext,
                           .cause = Cause::kTlsRequired,
                           .message = "The port does not answer a client without TLS.",
                           .peer_text = {},
                           .code = {}}};
  }

  bool service_declared_;
  ListenerDialogue dialogue_;
  base::Bytes beginning_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_plaintext_attempt(const probe::Target& target) {
  return std::make_unique<PlaintextAttempt>(target);
}

}  // namespace tlswarden::drivers::oracle

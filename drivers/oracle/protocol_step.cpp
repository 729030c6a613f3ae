#include "drivers/oracle/protocol_step.hpp"

#include "drivers/common/certificate_outcome.hpp"
#include "drivers/oracle/connect_request.hpp"
#include "drivers/oracle/listener_dialogue.hpp"
#include "drivers/oracle/listener_version.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using probe::Action;
using probe::Send;
using probe::Stage;
using State = ListenerDialogue::State;

class ProtocolStep final : public probe::Conversation {
 public:
  ProtocolStep(const probe::Target& target, const probe::TlsObservation& tls)
      : service_declared_(is_service_name(target.database)),
        when_passed_(common::outcome_when_passed(tls)),
        dialogue_(requested_service(target)) {}

  Action start() override { return Send{dialogue_.request(), Send::Next::kRead}; }
  Action receive(base::ByteView bytes) override { return act(dialogue_.feed(bytes), false); }
  Action peer_closed() override { return act(dialogue_.close(), true); }
  const probe::Findings& findings() const override { return findings_; }

 private:
  Action act(State state, bool closed) {
    if (dialogue_.spoken()) findings_.client_certificate = when_passed_;
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
    return probe::Fail{broken_answer(dialogue_.broken(), Stage::kProtocolStep)};
  }

  Action take_answer(bool closed) {
    const auto& answer = dialogue_.answer();
    findings_.server_version = listener_version(answer.packed_version);
    findings_.notice = notice_of(answer, service_declared_, Stage::kProtocolStep);
    auto farewell = dialogue_.farewell();
    if (closed || farewell.empty()) return probe::Done{};
    return Send{std::move(farewell), Send::Next::kDone};
  }

  bool service_declared_;
  probe::ClientCertificateOutcome when_passed_;
  ListenerDialogue dialogue_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_protocol_step(const probe::Target& target, const probe::TlsObservation& tls) {
  return std::make_unique<ProtocolStep>(target, tls);
}

}  // namespace tlswarden::drivers::oracle

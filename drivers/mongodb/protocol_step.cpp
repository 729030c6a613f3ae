#include "drivers/mongodb/protocol_step.hpp"

#include "drivers/common/certificate_outcome.hpp"
#include "drivers/mongodb/introduction.hpp"
#include "drivers/mongodb/server_error.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using probe::Action;
using probe::Cause;
using probe::ClientCertificateOutcome;
using probe::Stage;
using State = Introduction::State;

class ProtocolStep final : public probe::Conversation {
 public:
  explicit ProtocolStep(const probe::TlsObservation& tls)
      : when_passed_(common::outcome_when_passed(tls)),
        requested_(tls.client_certificate_requested),
        presented_(tls.client_certificate_presented) {}

  Action start() override { return probe::Send{Introduction::first_question(), probe::Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
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
    return probe::Fail{broken_answer(introduction_.broken(), Stage::kProtocolStep)};
  }

  Action peer_closed() override {
    if (introduction_.greeted()) return probe::Done{};
    if (requested_ && !introduction_.heard()) return turned_away();
    return probe::Fail{broken_answer(Cause::kPeerClosed, Stage::kProtocolStep)};
  }

  /// The greeting may arrive at a socket that is closed already.
  std::optional<Action> peer_reset() override {
    if (!requested_ || introduction_.heard()) return std::nullopt;
    return turned_away();
  }

  const probe::Findings& findings() const override { return findings_; }

 private:
  void take_answers() {
    findings_.client_certificate = when_passed_;
    findings_.server_version = introduction_.server_version();
    findings_.server_product = introduction_.product();
    if (!introduction_.refusal()) return;
    auto failure = to_failure(*introduction_.refusal(), Stage::kProtocolStep);
    if (failure.cause == Cause::kServerStarting) findings_.notice = std::move(failure);
  }

  Action turned_away() {
    findings_.client_certificate =
        presented_ ? ClientCertificateOutcome::kRejected : ClientCertificateOutcome::kRequired;
    return probe::Refused{
        {.stage = Stage::kProtocolStep,
         .cause = presented_ ? Cause::kClientCertificateRejected : Cause::kClientCertificateRequired,
         .message =
             presented_
                 ? "The server ended the connection over the client certificate; check that its CA is in "
                   "the server's net.tls.CAFile and that it is in date."
                 : "The server ends connections without a client certificate; declare "
                   "spec.tls.clientCertificate and spec.tls.clientKey.",
         .peer_text = {},
         .code = {}}};
  }

  ClientCertificateOutcome when_passed_;
  bool requested_, presented_;
  Introduction introduction_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_protocol_step(const probe::TlsObservation& tls) {
  return std::make_unique<ProtocolStep>(tls);
}

}  // namespace tlswarden::drivers::mongodb

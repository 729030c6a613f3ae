#include "drivers/cassandra/protocol_step.hpp"

#include "drivers/cassandra/options.hpp"
#include "drivers/cassandra/request.hpp"
#include "drivers/common/certificate_outcome.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using probe::Action;
using probe::Cause;
using probe::Stage;
using State = OptionsAnswer::State;

class ProtocolStep final : public probe::Conversation {
 public:
  explicit ProtocolStep(const probe::TlsObservation& tls) : when_passed_(common::outcome_when_passed(tls)) {}

  Action start() override { return probe::Send{options_request(), probe::Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
    switch (answer_.feed(bytes)) {
      case State::kReading:
        return probe::NeedMore{};
      case State::kBroken:
        return probe::Fail{broken_answer(answer_.broken(), Stage::kProtocolStep)};
      case State::kSupported:
        findings_.server_product = answer_.supported().product;
        break;
      case State::kError:
        findings_.notice = to_failure(answer_.error(), Stage::kProtocolStep);
        break;
    }
    findings_.client_certificate = when_passed_;
    return probe::Done{};
  }

  Action peer_closed() override {
    return probe::Fail{broken_answer(Cause::kPeerClosed, Stage::kProtocolStep)};
  }

  const probe::Findings& findings() const override { return findings_; }

 private:
  probe::ClientCertificateOutcome when_passed_;
  OptionsAnswer answer_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_protocol_step(const probe::TlsObservation& tls) {
  return std::make_unique<ProtocolStep>(tls);
}

}  // namespace tlswarden::drivers::cassandra

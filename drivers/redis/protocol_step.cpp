#include "drivers/redis/protocol_step.hpp"

#include "drivers/common/certificate_outcome.hpp"
#include "drivers/redis/hello.hpp"
#include "drivers/redis/server_error.hpp"

namespace tlswarden::drivers::redis {
namespace {

using probe::Action;
using probe::Cause;
using probe::Stage;
using State = HelloAnswer::State;

class ProtocolStep final : public probe::Conversation {
 public:
  explicit ProtocolStep(const probe::TlsObservation& tls) : when_passed_(common::outcome_when_passed(tls)) {}

  Action start() override { return probe::Send{hello_and_quit(), probe::Send::Next::kRead}; }

  Action receive(base::ByteView bytes) override {
    const auto state = answer_.feed(bytes);
    if (answer_.answered() && !findings_.client_certificate) take_answer();
    if (state == State::kOver) return probe::Done{};
    if (state != State::kBroken) return probe::NeedMore{};
    return probe::Fail{broken_answer(answer_.broken(), Stage::kProtocolStep)};
  }

  Action peer_closed() override {
    if (answer_.answered()) return probe::Done{};
    return probe::Fail{broken_answer(Cause::kPeerClosed, Stage::kProtocolStep)};
  }

  const probe::Findings& findings() const override { return findings_; }

 private:
  void take_answer() {
    findings_.client_certificate = when_passed_;
    findings_.server_version = answer_.server_version();
    findings_.server_product = answer_.product();
    if (answer_.reply().type != Reply::Type::kError) return;
    auto failure = to_failure(answer_.reply(), Stage::kProtocolStep);
    const bool worth_telling = failure.cause == Cause::kServerBusy ||
                               failure.cause == Cause::kServerStarting || answer_.reply().is_error("DENIED");
    if (worth_telling) findings_.notice = std::move(failure);
  }

  probe::ClientCertificateOutcome when_passed_;
  HelloAnswer answer_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_protocol_step(const probe::TlsObservation& tls) {
  return std::make_unique<ProtocolStep>(tls);
}

}  // namespace tlswarden::drivers::redis

#include "drivers/clickhouse/protocol_step.hpp"

#include "drivers/clickhouse/first_word.hpp"
#include "drivers/common/certificate_outcome.hpp"

namespace tlswarden::drivers::clickhouse {
namespace {

using probe::Action;
using probe::Cause;
using probe::Stage;
using State = FirstWord::State;

class ProtocolStep final : public probe::Conversation {
 public:
  ProtocolStep(const probe::Target& target, const probe::TlsObservation& tls)
      : word_(target), when_passed_(common::outcome_when_passed(tls)) {}

  Action start() override { return probe::Send{word_.opening(), probe::Send::Next::kRead}; }
  Action receive(base::ByteView bytes) override { return act(word_.feed(bytes)); }
  Action peer_closed() override { return act(word_.end()); }
  const probe::Findings& findings() const override { return findings_; }

 private:
  Action act(State state) {
    if (state == State::kReading) return probe::NeedMore{};
    if (state == State::kBroken) return probe::Fail{word_.broken(Stage::kProtocolStep)};
    findings_.client_certificate = when_passed_;
    findings_.server_product = "ClickHouse";
    findings_.server_version = word_.server_version();
    if (word_.error()) take_error(*word_.error());
    return probe::Done{};
  }

  /// That the made-up user is refused was to be expected.
  void take_error(const ServerError& error) {
    auto failure = to_failure(error, Stage::kProtocolStep);
    if (failure.cause != Cause::kAuthenticationFailed) findings_.notice = std::move(failure);
  }

  FirstWord word_;
  probe::ClientCertificateOutcome when_passed_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_protocol_step(const probe::Target& target, const probe::TlsObservation& tls) {
  return std::make_unique<ProtocolStep>(target, tls);
}

}  // namespace tlswarden::drivers::clickhouse

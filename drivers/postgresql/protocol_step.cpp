#include "drivers/postgresql/protocol_step.hpp"

#include "drivers/common/certificate_outcome.hpp"
#include "drivers/postgresql/startup.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Action;
using probe::Cause;
using probe::ClientCertificateOutcome;
using probe::Stage;
using State = StartupAnswer::State;

class ProtocolStep final : public probe::Conversation {
 public:
  ProtocolStep(const probe::Target& target, const probe::TlsObservation& tls)
      : identity_(identity_of(target)),
        when_passed_(common::outcome_when_passed(tls)),
        presented_(tls.client_certificate_presented) {}

  Action start() override {
    return probe::Send{startup_message(identity_.user, identity_.database), probe::Send::Next::kRead};
  }

  Action receive(base::ByteView bytes) override {
    const auto state = answer_.feed(bytes);
    findings_.server_version = answer_.server_version();
    findings_.server_product = answer_.product();
    if (answer_.authenticated()) findings_.client_certificate = when_passed_;
    switch (state) {
      case State::kReading:
        return probe::NeedMore{};
      case State::kAsksAuth:
        findings_.client_certificate = when_passed_;
        return probe::Done{};
      case State::kReady:
        return probe::Send{terminate_message(), probe::Send::Next::kDone};
      case State::kError:
        return error();
      case State::kBroken:
        break;
    }
    return probe::Fail{broken_answer(answer_.broken(), Stage::kProtocolStep)};
  }

  Action peer_closed() override {
    if (answer_.authenticated()) return probe::Done{};
    return probe::Fail{broken_answer(Cause::kPeerClosed, Stage::kProtocolStep)};
  }

  const probe::Findings& findings() const override { return findings_; }

 private:
  Action error() {
    auto failure = to_failure(answer_.error(), Stage::kProtocolStep, identity_);
    if (failure.cause == Cause::kClientCertificateRequired) {
      findings_.client_certificate =
          presented_ ? ClientCertificateOutcome::kRejected : ClientCertificateOutcome::kRequired;
      if (presented_) {
        failure.cause = Cause::kClientCertificateRejected;
        failure.message =
            "The server does not accept the client certificate for this user; check that its CA is in "
            "the server's ssl_ca_file.";
      }
      return probe::Refused{std::move(failure)};
    }
    if (decided_before(failure.cause)) findings_.client_certificate = when_passed_;
    if (!findings_.client_certificate) findings_.client_certificate = ClientCertificateOutcome::kUndetermined;
    findings_.notice = std::move(failure);
    return probe::Done{};
  }

  /// Errors that PostgreSQL raises only after it has looked at the certificate: the TLS layer has accepted
  /// it, and the matching pg_hba.conf rule did not miss it.
  static bool decided_before(Cause cause) {
    return cause == Cause::kAuthenticationFailed || cause == Cause::kDatabaseNotFound;
  }

  Identity identity_;
  ClientCertificateOutcome when_passed_;
  bool presented_;
  StartupAnswer answer_;
  probe::Findings findings_;
};

}  // namespace

probe::ConversationPtr make_protocol_step(const probe::Target& target, const probe::TlsObservation& tls) {
  return std::make_unique<ProtocolStep>(target, tls);
}

}  // namespace tlswarden::drivers::postgresql

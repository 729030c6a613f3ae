#include "drivers/postgresql/protocol_step.hpp"

#include <utility>

#include "drivers/common/certificate_outcome.hpp"
#include "drivers/postgresql/startup_conversation.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;

class ProtocolStep final : public StartupConversation {
 public:
  ProtocolStep(const probe::Target& target, const probe::TlsObservation& tls)
      : StartupConversation(target, probe::Stage::kProtocolStep),
        when_passed_(common::outcome_when_passed(tls)),
        presented_(tls.client_certificate_presented) {}

 private:
  void admitted() override { findings_.client_certificate = when_passed_; }

  probe::Action refused(probe::Failure failure) override {
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

  ClientCertificateOutcome when_passed_;
  bool presented_;
};

}  // namespace

probe::ConversationPtr make_protocol_step(const probe::Target& target, const probe::TlsObservation& tls) {
  return std::make_unique<ProtocolStep>(target, tls);
}

}  // namespace tlswarden::drivers::postgresql

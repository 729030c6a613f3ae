#include "probe/protocol_step.hpp"

#include <utility>

#include "probe/converse.hpp"

namespace tlswarden::probe {
namespace {

/// Long enough for a round trip to the other side of the world; silence beyond it means that the server went
/// on.
constexpr std::chrono::milliseconds kRefusalWait{250};

ClientCertificateOutcome outcome_when_passed(const TlsObservation& tls) {
  if (!tls.client_certificate_requested) return ClientCertificateOutcome::kNotRequested;
  return tls.client_certificate_presented ? ClientCertificateOutcome::kAccepted
                                          : ClientCertificateOutcome::kNotRequired;
}

ClientCertificateOutcome outcome_of(const ProtocolStep& step, const TlsObservation& tls) {
  if (step.findings.client_certificate) return *step.findings.client_certificate;
  if (!step.failure) return outcome_when_passed(tls);
  const ClientCertificateOutcome outcome = probe::outcome_of(*step.failure);
  if (outcome == ClientCertificateOutcome::kUndetermined && !tls.client_certificate_requested) {
    return ClientCertificateOutcome::kNotRequested;
  }
  return outcome;
}

}  // namespace

ClientCertificateOutcome outcome_of(const Failure& failure) {
  if (failure.cause == Cause::kClientCertificateRequired) return ClientCertificateOutcome::kRequired;
  if (failure.cause == Cause::kClientCertificateRejected) return ClientCertificateOutcome::kRejected;
  return ClientCertificateOutcome::kUndetermined;
}

net::Awaitable<std::optional<Failure>> await_late_refusal(const base::Clock& clock, TlsStream& stream,
                                                          const TlsObservation& tls,
                                                          base::Deadline deadline) {
  if (tls.version != resource::TlsVersion::kTls13 || !tls.client_certificate_requested)
    co_return std::nullopt;
  co_return co_await stream.await_refusal(deadline.at_most(clock.monotonic(), kRefusalWait));
}

net::Awaitable<ProtocolStep> take_protocol_step(Workshop& workshop, const Target& target,
                                                const Driver& driver, Journal& journal, TlsStream& stream,
                                                const TlsObservation& tls, const Findings& negotiated,
                                                std::string_view peer, base::Deadline deadline) {
  Journal::Entry entry(journal, Stage::kProtocolStep);
  ProtocolStep step;
  step.failure = co_await await_late_refusal(workshop.services.clock, stream, tls, deadline);
  const ConversationPtr conversation = step.failure ? nullptr : driver.protocol_step(target, negotiated, tls);
  if (conversation) {
    Conversed conversed = co_await converse(
        stream, *conversation, ConverseOptions{Stage::kProtocolStep, deadline, peer, journal.transcript()});
    step.findings = std::move(conversed.findings);
    step.failure = std::move(conversed.failure);
    // What TLS says about its own end is more exact than that the stream broke.
    if (conversed.end == Conversed::End::kFailed && stream.failure(Stage::kProtocolStep)) {
      step.failure = stream.failure(Stage::kProtocolStep);
    }
  }
  step.client_certificate = outcome_of(step, tls);
  if (step.failure) entry.say(*step.failure);
  co_return step;
}

}  // namespace tlswarden::probe

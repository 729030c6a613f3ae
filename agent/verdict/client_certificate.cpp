#include "verdict/client_certificate.hpp"

#include <array>

#include "verdict/failure_reasons.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;

bool concerns_client_certificate(const std::optional<probe::Failure>& failure) {
  return failure && (failure->cause == Cause::kClientCertificateRequired ||
                     failure->cause == Cause::kClientCertificateRejected);
}

}  // namespace

const char* reason_for(pki::MaterialProblem::Kind kind) {
  using Kind = pki::MaterialProblem::Kind;
  switch (kind) {
    case Kind::kReferenceNotFound:
      return reason::kReferenceNotFound;
    case Kind::kReferenceInvalid:
      return reason::kReferenceInvalid;
    case Kind::kKeyMismatch:
      return reason::kClientKeyMismatch;
    case Kind::kKeyEncrypted:
      return reason::kClientKeyEncrypted;
    case Kind::kPassphraseIncorrect:
      return reason::kPassphraseIncorrect;
  }
  return reason::kReferenceInvalid;
}

Finding describe(const pki::MaterialProblem& problem) {
  Finding finding = finding_from(reason_for(problem.kind), problem.field + ": " + problem.message);
  // Who reads the key does not know where its passphrase is declared; the reason's entry does.
  if (finding.reason == reason::kClientKeyEncrypted) finding.next.clear();
  return finding;
}

const pki::MaterialProblem* ca_problem(const pki::Material& material) {
  for (const pki::MaterialProblem& problem : material.problems) {
    if (pki::concerns(problem, "spec.tls.ca") && !problem.last_good_kept) return &problem;
  }
  return nullptr;
}

bool is_declared(const pki::MaterialProblem& problem, const pki::Material& material) {
  return material.ca_declared || !pki::concerns(problem, "spec.tls.ca");
}

std::optional<probe::Failure> client_certificate_refusal(const probe::Observation& observation) {
  if (concerns_client_certificate(observation.failure)) return observation.failure;
  if (observation.session && concerns_client_certificate(observation.session->failure)) {
    return observation.session->failure;
  }
  const bool required = observation.client_certificate == ClientCertificateOutcome::kRequired;
  const bool rejected = observation.client_certificate == ClientCertificateOutcome::kRejected;
  if (!required && !rejected) return std::nullopt;
  // The server's alert may be an unspecific one (handshake_failure); the outcome then says what it was about.
  const auto& alert = observation.failure ? observation.failure : observation.notice;
  probe::Failure refusal =
      alert.value_or(probe::Failure{probe::Stage::kProtocolStep, Cause::kInternal, {}, {}, {}});
  refusal.cause = required ? Cause::kClientCertificateRequired : Cause::kClientCertificateRejected;
  refusal.message =
      required ? "the server demands a client certificate" : "the server refuses the client certificate";
  return refusal;
}

std::optional<Finding> client_certificate_fault(const pki::Material& material, base::WallTime now) {
  if (material.client_certificates.empty()) return std::nullopt;
  const pki::CertificateFacts& leaf = material.client_certificates.front()->facts;
  if (now > leaf.not_after) {
    return Finding{
        reason::kClientCertificateExpired, "the client certificate expired " + when(now, leaf.not_after), {}};
  }
  if (now < leaf.not_before) {
    return Finding{reason::kClientCertificateNotYetValid,
                   "the client certificate becomes valid only " + when(now, leaf.not_before),
                   {}};
  }
  if (!leaf.client_auth && leaf.is_ca) {
    return Finding{
        .reason = reason::kClientCertificateWrongPurpose,
        .sentence = "the client certificate is that of a CA, whose usage does not permit clientAuth",
        .peer_text = {},
        .next = "declare a certificate that was issued for the client in spec.tls.clientCertificate"};
  }
  if (!leaf.client_auth) {
    return Finding{reason::kClientCertificateWrongPurpose,
                   "the extended key usage of the client certificate does not permit clientAuth",
                   {}};
  }
  return std::nullopt;
}

}  // namespace tlswarden::verdict

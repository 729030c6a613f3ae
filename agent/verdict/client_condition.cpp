#include "verdict/client_condition.hpp"

#include <string>
#include <utility>

#include "verdict/client_certificate.hpp"
#include "verdict/failure_reasons.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using probe::ClientCertificateOutcome;
using resource::ConditionStatus;

/// The certificate is usable as far as `sentence` says, but something about it is worth a word.
Answer usable_client(const Assessment& a, ConditionStatus status, const char* reason, std::string sentence) {
  if (a.client.remarks.empty()) return {status, {reason, std::move(sentence), {}}};
  Finding remark = a.client.remarks.front();
  remark.sentence = sentence + ", but " + remark.sentence;
  return {status, std::move(remark)};
}

}  // namespace

Answer judge_client_certificate(const Assessment& a) {
  const pki::Material& material = a.input.material;
  if (const auto* problem = pki::client_problem(material))
    return {ConditionStatus::kFalse, describe(*problem)};
  if (!a.client.faults.empty()) return {ConditionStatus::kFalse, joined(a.client.faults)};
  if (const auto refusal = client_certificate_refusal(a.input.observation))
    return {ConditionStatus::kFalse, with_likely_cause(describe(*refusal), refusal->code, a.client)};
  if (!a.input.endpoint.spec.tls.client_certificate && !material.client) {
    return {ConditionStatus::kUnknown,
            {reason::kNotDeclared, "spec.tls.clientCertificate is not declared", {}}};
  }
  switch (a.input.observation.client_certificate) {
    case ClientCertificateOutcome::kAccepted:
      return usable_client(a, ConditionStatus::kTrue, reason::kClientCertificateAccepted,
                           "the server asked for the client certificate and accepted it");
    case ClientCertificateOutcome::kNotRequested:
      return usable_client(a, ConditionStatus::kTrue, reason::kClientCertificateUsable,
                           "the client certificate is in order and the server did not ask for one");
    default:
      break;
  }
  return usable_client(a, ConditionStatus::kUnknown, reason::kClientCertificateUsable,
                       "whether the server accepts the client certificate is not known");
}

}  // namespace tlswarden::verdict

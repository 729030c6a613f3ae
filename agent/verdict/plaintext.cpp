#include "verdict/plaintext.hpp"

#include "verdict/failure_reasons.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using probe::Cause;
using probe::Tristate;
using resource::RungOutcome;

PlaintextVerdict works(const JudgeInput& input) {
  PlaintextVerdict verdict{RungOutcome::kWorks, {}};
  if (input.endpoint.spec.tls.mode != resource::TlsMode::kDisable) {
    verdict.finding = {reason::kPlaintextAccepted, "the server accepts sessions without TLS", {}};
  }
  return verdict;
}

PlaintextVerdict refused(const probe::Failure* failure) {
  Finding finding{reason::kServerRequiresTls, "the server refuses sessions without TLS", {}};
  if (failure != nullptr) {
    finding.peer_text = failure->peer_text;
    if (failure->cause == Cause::kTlsRequired && !failure->message.empty()) finding = describe(*failure);
  }
  return {RungOutcome::kRejected, std::move(finding)};
}

PlaintextVerdict unknown(const JudgeInput& input, const probe::PlaintextObservation* attempt) {
  if (attempt != nullptr && attempt->failure) {
    const Cause cause = attempt->failure->cause;
    // After these only a login can tell; anything else stands for itself.
    const bool login_decides = cause == Cause::kAuthenticationFailed || cause == Cause::kAccessRefused ||
                               cause == Cause::kDatabaseNotFound || cause == Cause::kServerError;
    if (!login_decides) return {RungOutcome::kUnknown, describe(*attempt->failure)};
  }
  if (attempt == nullptr) {
    const bool off = !input.endpoint.spec.plaintext_check.enabled;
    return {RungOutcome::kUnknown,
            {reason::kPlaintextNotChecked,
             off ? "sessions without TLS were not tried: spec.plaintextCheck is off"
                 : "sessions without TLS have not been tried yet",
             {}}};
  }
  return {RungOutcome::kUnknown,
          {reason::kCredentialsRequired,
           "only a login could tell whether the server accepts sessions without TLS",
           attempt->failure ? attempt->failure->peer_text : std::string()}};
}

}  // namespace

PlaintextVerdict judge_plaintext(const JudgeInput& input) {
  const auto& session = input.observation.session;
  const auto& attempt = input.observation.plaintext;
  const probe::Failure* failure = attempt && attempt->failure ? &*attempt->failure : nullptr;
  // Behind a proxy that ends TLS the server calls a session unencrypted that the client did encrypt.
  const bool client_may_be_plain = input.endpoint.spec.tls.mode < resource::TlsMode::kRequire;
  if (session && session->logged_in && session->encrypted == Tristate::kNo && client_may_be_plain) {
    return works(input);
  }
  if (session && session->failure && session->failure->cause == Cause::kTlsRequired) {
    return refused(&*session->failure);
  }
  if (session && session->admitted_in_plaintext == Tristate::kNo && session->failure) {
    return {RungOutcome::kRejected, describe(*session->failure)};
  }
  const Tristate policy = session ? session->plaintext_allowed : Tristate::kUnknown;
  if (attempt && (attempt->for_declared_user || policy == Tristate::kUnknown)) {
    if (attempt->accepted == Tristate::kYes) return works(input);
    if (attempt->accepted == Tristate::kNo) return refused(failure);
  }
  if (policy == Tristate::kYes) return works(input);
  if (policy == Tristate::kNo) return refused(nullptr);
  return unknown(input, attempt ? &*attempt : nullptr);
}

}  // namespace tlswarden::verdict

#include "verdict/readiness.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "verdict/client_certificate.hpp"
#include "verdict/condition_text.hpp"
#include "verdict/failure_reasons.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using resource::Condition;
using resource::ConditionStatus;

const Condition* with_status(const std::vector<Condition>& conditions, const char* type,
                             ConditionStatus status) {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [&](const Condition& c) { return c.type == type && c.status == status; });
  return found == conditions.end() ? nullptr : &*found;
}

Condition like(const Condition& cause, ConditionStatus status) {
  Condition ready = cause;
  ready.type = condition::kReady;
  ready.status = status;
  return ready;
}

std::optional<Condition> not_ready(const Assessment& a, const std::vector<Condition>& conditions) {
  const auto generation = a.input.endpoint.metadata.generation;
  const auto is_false = [&](const char* type) {
    return with_status(conditions, type, ConditionStatus::kFalse);
  };
  if (const auto* stalled = with_status(conditions, condition::kStalled, ConditionStatus::kTrue)) {
    return like(*stalled, ConditionStatus::kFalse);
  }
  for (const pki::MaterialProblem& problem : a.input.material.problems) {
    // What is to be trusted one day says nothing about the endpoint as it is.
    const bool of_next_ca = &problem == next_ca_problem(a.input.material);
    if (of_next_ca || !is_declared(problem, a.input.material)) continue;
    const Answer answer{ConditionStatus::kFalse, describe(problem)};
    return to_condition(condition::kReady, answer, generation);
  }
  for (const char* type : {condition::kReachable, condition::kModeSatisfied}) {
    if (const auto* found = is_false(type)) return like(*found, ConditionStatus::kFalse);
  }
  // That the server demands a certificate matters to a mode with TLS, and then ModeSatisfied says so.
  if (a.input.endpoint.spec.tls.client_certificate) {
    if (const auto* found = is_false(condition::kClientCertificateValid))
      return like(*found, ConditionStatus::kFalse);
  }
  if (const auto* found = is_false(condition::kServerVersionMatched))
    return like(*found, ConditionStatus::kFalse);
  const auto& session = a.input.observation.session;
  if (session && session->failure && refuses_login(session->failure->cause)) {
    return to_condition(condition::kReady, {ConditionStatus::kFalse, describe(*session->failure)},
                        generation);
  }
  if (a.mode() >= resource::TlsMode::kRequire) {
    if (const auto* found = is_false(condition::kSessionEncrypted))
      return like(*found, ConditionStatus::kFalse);
  }
  return std::nullopt;
}

std::optional<Condition> not_known(const Assessment& a, const std::vector<Condition>& conditions) {
  for (const char* type : {condition::kReachable, condition::kModeSatisfied}) {
    if (const auto* found = with_status(conditions, type, ConditionStatus::kUnknown)) {
      return like(*found, ConditionStatus::kUnknown);
    }
  }
  if (a.input.endpoint.spec.expected_server_version) {
    const auto* found = with_status(conditions, condition::kServerVersionMatched, ConditionStatus::kUnknown);
    if (found != nullptr) return like(*found, ConditionStatus::kUnknown);
  }
  return std::nullopt;
}

Condition all_holds(const Assessment& a) {
  std::string sentence = "mode " + std::string(to_string(a.mode())) + " works";
  if (a.declared().finding.reason == reason::kFallbackToPlaintext) {
    sentence = "mode " + std::string(to_string(a.mode())) + " " + a.declared().finding.sentence;
  } else if (a.rotation.expiry) {
    const bool leaf = a.rotation.expiry->role == "leaf";
    sentence += "; the " + (leaf ? "" : a.rotation.expiry->role + " ") + "certificate ";
    sentence += a.rotation.expiry->not_after < a.input.now ? "expired " : "expires ";
    sentence += when(a.input.now, a.rotation.expiry->not_after);
  }
  const Answer answer{ConditionStatus::kTrue, {reason::kHealthy, sentence, {}}};
  return to_condition(condition::kReady, answer, a.input.endpoint.metadata.generation);
}

}  // namespace

Condition judge_ready(const Assessment& a, const std::vector<Condition>& conditions) {
  auto found = not_ready(a, conditions);
  if (!found) found = not_known(a, conditions);
  return found ? *std::move(found) : all_holds(a);
}

}  // namespace tlswarden::verdict

#include "verdict/conditions.hpp"

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "resource/version_constraint.hpp"
#include "verdict/client_certificate.hpp"
#include "verdict/client_condition.hpp"
#include "verdict/condition_text.hpp"
#include "verdict/failure_reasons.hpp"
#include "verdict/members.hpp"
#include "verdict/mode_change.hpp"
#include "verdict/readiness.hpp"
#include "verdict/reason_names.hpp"
#include "verdict/rotation_condition.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using probe::Tristate;
using resource::ConditionStatus;
using resource::RungOutcome;
using resource::TlsMode;

constexpr std::string_view kAsLastSeen = " (As last seen; the endpoint does not answer now.)";

/// The answer that the last status gave, marked as such; nothing if it gave none.
std::optional<resource::Condition> remembered(const Assessment& a, const char* type) {
  const resource::Condition* previous = a.previous(type);
  if (previous == nullptr || previous->status == ConditionStatus::kUnknown) return std::nullopt;
  resource::Condition kept = *previous;
  kept.observed_generation = a.input.endpoint.metadata.generation;
  if (kept.message.find(kAsLastSeen) == std::string::npos) kept.message += kAsLastSeen;
  return kept;
}

Answer reachable(const Assessment& a) {
  const probe::Observation& seen = a.input.observation;
  if (a.obstacle == nullptr) {
    const std::string where = seen.address ? shown(*seen.address) : a.input.endpoint.spec.host;
    const auto& tunnel = a.input.endpoint.spec.ssh_tunnel;
    const std::string way = tunnel ? " through the bastion " + tunnel->host : "";
    return {ConditionStatus::kTrue, {reason::kConnected, where + " answers" + way, {}}};
  }
  Finding finding = describe(*a.obstacle);
  if (a.last != nullptr && a.last->last_reached_time)
    finding.sentence += "; it last answered at " + base::format_rfc3339(*a.last->last_reached_time);
  const bool unknown = ours(a.obstacle->cause);
  return {unknown ? ConditionStatus::kUnknown : ConditionStatus::kFalse, std::move(finding)};
}

Answer mode_satisfied(const Assessment& a) {
  const Rung& rung = a.declared();
  const std::string mode(to_string(rung.mode));
  Finding finding = rung.finding;
  switch (rung.outcome) {
    case RungOutcome::kRejected:
      finding.sentence += rung.mode == TlsMode::kDisable ? std::string(", but disable is declared")
                                                         : "; clients with " + mode + " are refused";
      return {ConditionStatus::kFalse, std::move(finding)};
    case RungOutcome::kUnknown:
      return {ConditionStatus::kUnknown, std::move(finding)};
    case RungOutcome::kWorks:
      break;
  }
  if (finding.reason.empty()) finding.reason = reason::kModeWorks;
  finding.sentence = "mode " + mode + " works" + (finding.sentence.empty() ? "" : ": " + finding.sentence);
  return {ConditionStatus::kTrue, std::move(finding)};
}

Answer certificate_valid(const Assessment& a) {
  if (!a.identity) {
    const auto& failure = a.input.observation.failure;
    Finding finding{reason::kNoCertificateSeen, "no certificate of the server was seen", {}};
    if (failure) {
      finding = describe(*failure);
      finding.sentence = "no certificate of the server was seen: " + finding.sentence;
    }
    return {ConditionStatus::kUnknown, std::move(finding)};
  }
  std::vector<Finding> faults = a.identity->chain_faults;
  faults.insert(faults.end(), a.identity->name_faults.begin(), a.identity->name_faults.end());
  const std::vector<Finding>& revoked = a.identity->revocation.revoked;
  faults.insert(faults.end(), revoked.begin(), revoked.end());
  if (!faults.empty()) return {ConditionStatus::kFalse, joined(faults)};
  if (const auto* problem = ca_problem(a.input.material))
    return {ConditionStatus::kUnknown, describe(*problem)};
  const pki::CertificateFacts& leaf = a.identity->path.front()->facts;
  const std::string valid = "the chain is trusted and valid for " + verified_name(a.input);
  if (const Finding* foremost = a.identity->foremost_remark()) {
    Finding remark = *foremost;
    remark.sentence = valid + ", but " + remark.sentence;
    return {ConditionStatus::kTrue, std::move(remark)};
  }
  return {ConditionStatus::kTrue,
          {reason::kChainVerified,
           valid + "; the certificate is valid until " + base::format_date(leaf.not_after),
           {}}};
}

/// A remembered certificate that has expired since it was seen; nothing while all are in date.
std::optional<Finding> expired_meanwhile(const Assessment& a) {
  for (const RotationVerdict::Due& due : a.rotation.due) {
    if (due.state == RotationState::kExpired && due.certificate.role != "client") return due.finding;
  }
  return std::nullopt;
}

/// What this side knows of the session. Under prefer the client may have gone either way.
std::string our_word(const probe::SessionObservation& session, TlsMode mode) {
  if (!session.logged_in || mode == TlsMode::kPrefer) return {};
  if (mode == TlsMode::kDisable) return "; on our side the login went without TLS, as disable declares";
  return "; on our side the login went over TLS, as " + std::string(to_string(mode)) + " demands";
}

Answer session_encrypted(const Assessment& a) {
  const auto& session = a.input.observation.session;
  if (session && session->failure) return {ConditionStatus::kUnknown, describe(*session->failure)};
  if (const auto* problem = pki::client_problem(a.input.material); problem != nullptr && !session)
    return {ConditionStatus::kUnknown, describe(*problem)};
  if (session && session->encrypted == Tristate::kYes) {
    const std::string with =
        session->protocol.empty() ? "" : " with " + base::printable(session->protocol, 40);
    return {ConditionStatus::kTrue,
            {reason::kEncryptionConfirmed, "the server confirms that the session is encrypted" + with, {}}};
  }
  if (session && session->encrypted == Tristate::kNo) {
    Finding finding{reason::kSessionNotEncrypted, "the server says that the session is not encrypted", {}};
    if (a.declared().finding.reason == reason::kFallbackToPlaintext) {
      finding.sentence += ", because the client fell back to plaintext as prefer lets it";
      finding.next = next_step(reason::kFallbackToPlaintext);
    } else if (a.mode() == TlsMode::kDisable) {
      finding.sentence += ", as disable declares";
      finding.next = "declare require or a stronger mode if it should be";
    }
    return {ConditionStatus::kFalse, std::move(finding)};
  }
  if (session) {
    return {ConditionStatus::kUnknown,
            {reason::kEncryptionUnconfirmed,
             "the server did not say whether the session is encrypted" + our_word(*session, a.mode()),
             {}}};
  }
  const auto& auth = a.input.endpoint.spec.auth;
  if (!auth) {
    return {ConditionStatus::kUnknown,
            {reason::kCredentialsRequired, "spec.auth is not declared, so the server was not asked", {}}};
  }
  if (!auth->password && !a.input.material.client) {
    return {ConditionStatus::kUnknown,
            {reason::kCredentialsRequired, "spec.auth declares no password, so no login was made", {}}};
  }
  if (a.input.observation.failure) return {ConditionStatus::kUnknown, describe(*a.input.observation.failure)};
  return {ConditionStatus::kUnknown, {reason::kEncryptionUnconfirmed, "no login was made", {}}};
}

Answer mode_change_recommended(const Assessment& a) {
  if (auto change = judge_mode_change(a)) return {ConditionStatus::kTrue, std::move(change->why)};
  const Rung& declared = a.declared();
  if (declared.outcome == RungOutcome::kUnknown) return {ConditionStatus::kUnknown, declared.finding};
  if (declared.outcome == RungOutcome::kRejected) {
    return {ConditionStatus::kFalse,
            {reason::kFixPreferred, declared.finding.sentence + "; fix that rather than the mode", {}}};
  }
  const std::string mode(to_string(a.mode()));
  return {ConditionStatus::kFalse,
          {reason::kModeIsStrongest,
           a.mode() == TlsMode::kVerifyFull ? mode + " is the strongest mode there is"
                                            : mode + " is the strongest mode that works today",
           {}}};
}

Answer reconciling(const Assessment& a) {
  if (!a.held)
    return {ConditionStatus::kFalse, {reason::kCheckCompleted, "the last check ran to its end", {}}};
  return {ConditionStatus::kTrue,
          {reason::kRetrying,
           "check " + std::to_string(a.input.history.consecutive_failures) + " of " +
               std::to_string(a.input.endpoint.spec.failure_threshold) +
               " failed before the endpoint counts as unreachable: " +
               describe(*member_setback(a.input.observation)).sentence,
           {}}};
}

Answer stalled(const Assessment& a) {
  const resource::EndpointSpec& spec = a.input.endpoint.spec;
  const auto& failure = a.input.observation.failure;
  if (failure && failure->cause == probe::Cause::kUnsupported)
    return {ConditionStatus::kTrue, describe(*failure)};
  if (a.rotation.plan_fault) return {ConditionStatus::kTrue, *a.rotation.plan_fault};
  if (spec.expected_server_version && !resource::VersionConstraint::parse(*spec.expected_server_version)) {
    return {ConditionStatus::kTrue, a.version.finding};
  }
  return {ConditionStatus::kFalse,
          {reason::kProceeding, "nothing in the spec stands in the way of checks", {}}};
}

/// Conditions about what lasts: known from before where the endpoint was not reached.
resource::Condition lasting(const Assessment& a, const char* type, const Answer& fresh) {
  const auto generation = a.input.endpoint.metadata.generation;
  if (a.reached() || fresh.status == ConditionStatus::kFalse) return to_condition(type, fresh, generation);
  if (type == std::string_view(condition::kClientCertificateValid)) {
    // What was wrong with the files is not wrong any more, whether or not the server answers.
    const resource::Condition* previous = a.previous(type);
    if (previous != nullptr && previous->status == ConditionStatus::kFalse &&
        told_by_preflight(previous->reason)) {
      return to_condition(type, fresh, generation);
    }
  }
  if (type == std::string_view(condition::kCertificateValid)) {
    if (a.identity) return to_condition(type, fresh, generation);
    if (auto expired = expired_meanwhile(a))
      return to_condition(type, {ConditionStatus::kFalse, *expired}, generation);
  }
  if (auto kept = remembered(a, type)) return *std::move(kept);
  return to_condition(type, fresh, generation);
}

resource::Condition held_condition(const Assessment& a, const char* type, const resource::Condition& fresh) {
  const resource::Condition* previous = a.previous(type);
  if (previous == nullptr || fresh.type == condition::kReconciling ||
      fresh.type == condition::kRotationRecommended || fresh.type == condition::kStalled) {
    return fresh;
  }
  // The client's own files are looked at whether or not the server answers.
  if (fresh.type == condition::kClientCertificateValid &&
      (fresh.status == ConditionStatus::kFalse ? told_by_preflight(fresh.reason)
                                               : told_by_preflight(previous->reason))) {
    return fresh;
  }
  resource::Condition kept = *previous;
  kept.observed_generation = fresh.observed_generation;
  return kept;
}

}  // namespace

std::vector<resource::Condition> build_conditions(const Assessment& a) {
  const auto generation = a.input.endpoint.metadata.generation;
  const auto plain = [&](const char* type, const Answer& answer) {
    return to_condition(type, answer, generation);
  };
  std::vector<resource::Condition> conditions{
      plain(condition::kReachable, reachable(a)),
      plain(condition::kModeSatisfied, mode_satisfied(a)),
      lasting(a, condition::kCertificateValid, certificate_valid(a)),
      lasting(a, condition::kClientCertificateValid, judge_client_certificate(a)),
      lasting(a, condition::kServedCertificateMatched, {a.drift.status, a.drift.finding}),
      lasting(a, condition::kNextCaReady, {a.rehearsal.status, a.rehearsal.finding}),
      lasting(a, condition::kServerVersionMatched, {a.version.status, a.version.finding}),
      plain(condition::kSessionEncrypted, session_encrypted(a)),
      plain(condition::kRotationRecommended, rotation_recommended(a)),
      lasting(a, condition::kModeChangeRecommended, mode_change_recommended(a)),
      plain(condition::kReconciling, reconciling(a)),
      plain(condition::kStalled, stalled(a)),
  };
  conditions.insert(conditions.begin(), judge_ready(a, conditions));
  // They are kept for every endpoint.
  conditions.shrink_to_fit();
  if (!a.held) return conditions;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    conditions[i] = held_condition(a, resource::kAllConditions.at(i), conditions[i]);
  }
  return conditions;
}

std::vector<resource::Condition> unknown_conditions(const resource::DatabaseEndpoint& endpoint,
                                                    const Finding& finding, bool is_reconciling) {
  std::vector<resource::Condition> conditions;
  for (const char* type : resource::kAllConditions) {
    Answer answer{ConditionStatus::kUnknown, finding};
    if (type == std::string_view(condition::kReconciling)) {
      answer.status = is_reconciling ? ConditionStatus::kTrue : ConditionStatus::kFalse;
    } else if (type == std::string_view(condition::kStalled)) {
      answer = {ConditionStatus::kFalse,
                {reason::kProceeding, "nothing in the spec stands in the way of checks", {}}};
    }
    conditions.push_back(to_condition(type, answer, endpoint.metadata.generation));
  }
  return conditions;
}

}  // namespace tlswarden::verdict

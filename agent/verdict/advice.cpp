#include "verdict/advice.hpp"

#include <algorithm>
#include <utility>

#include "verdict/advice_item.hpp"
#include "verdict/client_certificate.hpp"
#include "verdict/failure_reasons.hpp"
#include "verdict/mode_change.hpp"
#include "verdict/protocol_floor.hpp"
#include "verdict/reason_names.hpp"
#include "verdict/rehearsal_steps.hpp"
#include "verdict/rotation_condition.hpp"

namespace tlswarden::verdict {
namespace {

using resource::Advice;
using resource::ConditionStatus;
using resource::RungOutcome;
using resource::TlsMode;
using resource::Urgency;

class Items {
 public:
  explicit Items(const Assessment& assessment) : assessment_(assessment) {}

  void add(const Finding& finding, Urgency urgency) { add(advise(finding, urgency, assessment_)); }

  /// What is said twice is said once, with the greater urgency and the date if either has one.
  void add(Advice advice) {
    const auto known = std::find_if(items_.begin(), items_.end(), [&](const Advice& item) {
      return item.action == advice.action && item.reason == advice.reason;
    });
    if (known == items_.end()) {
      items_.push_back(std::move(advice));
      return;
    }
    known->urgency = std::min(known->urgency, advice.urgency);
    if (!known->by) known->by = advice.by;
  }

  std::vector<Advice> take() {
    std::stable_sort(items_.begin(), items_.end(),
                     [](const Advice& a, const Advice& b) { return a.urgency < b.urgency; });
    return std::move(items_);
  }

 private:
  const Assessment& assessment_;
  std::vector<Advice> items_;
};

void advise_on_spec(const Assessment& a, Items& items) {
  const pki::MaterialProblem* of_next_ca = next_ca_problem(a.input.material);
  for (const pki::MaterialProblem& problem : a.input.material.problems)
    items.add(describe(problem), &problem == of_next_ca ? Urgency::kPlanned : Urgency::kNow);
  if (a.rotation.plan_fault) items.add(*a.rotation.plan_fault, Urgency::kNow);
}

/// What keeps the declared mode from working, and what else is wrong with the certificate: the faults that
/// the mode does not look at matter to those who want to use a stronger one.
void advise_on_mode(const Assessment& a, Items& items) {
  const Rung& declared = a.declared();
  const bool fallen_back = declared.finding.reason == reason::kFallbackToPlaintext;
  // Where the server demands TLS of a spec without it, the change of mode is the fix and has its own item.
  const bool changed_instead = declared.finding.reason == reason::kServerRequiresTls && judge_mode_change(a);
  if (declared.outcome == RungOutcome::kRejected && !changed_instead)
    items.add(declared.finding, Urgency::kNow);
  const Rung& require = a.ladder.at(TlsMode::kRequire);
  if (fallen_back && require.outcome == RungOutcome::kRejected) items.add(require.finding, Urgency::kNow);
  if (declared.outcome == RungOutcome::kUnknown && a.reached())
    items.add(declared.finding, Urgency::kConsider);
  if (!a.identity) return;
  const bool verifies = verifies_chain(a.mode(), a.facts, a.input.material);
  for (const Finding& fault : a.identity->chain_faults) {
    items.add(fault, verifies || fallen_back ? Urgency::kNow : Urgency::kConsider);
  }
  for (const Finding& fault : a.identity->name_faults) {
    items.add(fault, a.mode() == TlsMode::kVerifyFull ? Urgency::kNow : Urgency::kConsider);
  }
  for (const Finding& remark : a.identity->remarks)
    items.add(remark, Urgency::kPlanned);
  for (const Remark& remark : a.identity->quality)
    items.add(remark.finding, remark.urgency);
  const RevocationVerdict& revocation = a.identity->revocation;
  for (const Finding& revoked : revocation.revoked)
    items.add(revoked, a.mode() == TlsMode::kDisable ? Urgency::kConsider : Urgency::kNow);
  for (const Remark& remark : revocation.remarks)
    items.add(remark.finding, remark.urgency);
}

void advise_on_mode_change(const Assessment& a, Items& items) {
  const auto change = judge_mode_change(a);
  if (!change) return;
  const bool broken = a.declared().outcome == RungOutcome::kRejected ||
                      a.declared().finding.reason == reason::kFallbackToPlaintext;
  const Urgency urgency = change->interim ? Urgency::kSoon : broken ? Urgency::kNow : Urgency::kPlanned;
  Advice advice = advise(change->why, urgency, a);
  const std::string mode(to_string(change->to));
  advice.action = change->interim ? "UseInterimMode" : "ChangeMode";
  std::string step = "set spec.tls.mode, and the applications' own setting, to " + mode;
  if (change->interim) step += " until the certificate is reissued";
  advice.message = compose(change->why.sentence, step, change->why.peer_text);
  advice.steps = {a.facts.client + ": " + a.facts.spelling.at(static_cast<std::size_t>(change->to))};
  items.add(std::move(advice));
}

void advise_on_client_certificate(const Assessment& a, Items& items) {
  if (pki::client_problem(a.input.material) != nullptr) return;
  // An expired one is advised on with the other expiries, which know no more than the leaf.
  const pki::Chain& chain = a.input.material.client_certificates;
  const bool leaf_expired = !chain.empty() && a.input.now > chain.front()->facts.not_after;
  for (const Finding& fault : a.client.faults) {
    if (!leaf_expired || fault.reason != reason::kClientCertificateExpired) items.add(fault, Urgency::kNow);
  }
  const bool refused = client_certificate_refusal(a.input.observation).has_value();
  // The mode's own item has named the first as the likely cause.
  const bool told = a.declared().finding.reason == reason::kClientCertificateRejected;
  for (std::size_t i = told ? 1 : 0; i < a.client.remarks.size(); ++i)
    items.add(a.client.remarks[i], refused ? Urgency::kNow : Urgency::kPlanned);
}

void advise_on_server(const Assessment& a, Items& items) {
  const auto& spec = a.input.endpoint.spec;
  if (a.version.status == ConditionStatus::kFalse) items.add(a.version.finding, Urgency::kNow);
  if (a.version.status == ConditionStatus::kUnknown && spec.expected_server_version && a.reached()) {
    items.add(a.version.finding, Urgency::kSoon);
  }
  const auto& session = a.input.observation.session;
  if (session && session->failure && session->failure->cause != probe::Cause::kChannelTooWeak) {
    items.add(describe(*session->failure),
              refuses_login(session->failure->cause) ? Urgency::kNow : Urgency::kSoon);
  }
  if (session && session->logged_in && session->encrypted == probe::Tristate::kUnknown) {
    items.add({reason::kEncryptionUnconfirmed, "the server did not say whether the session is encrypted", {}},
              Urgency::kConsider);
  }
  if (auto legacy = judge_legacy_protocols(a.input.observation, spec.tls.min_version))
    items.add(*legacy, Urgency::kPlanned);
  const Finding& plaintext = a.plaintext.finding;
  // A server without TLS cannot demand it yet.
  const bool open = plaintext.reason == reason::kPlaintextAccepted && a.identity;
  const bool untold = plaintext.reason == reason::kCredentialsRequired;
  if ((open || untold) && a.reached()) items.add(plaintext, Urgency::kConsider);
}

void advise_on_rotation(const Assessment& a, Items& items) {
  for (const RotationVerdict::Due& due : a.rotation.due) {
    Advice advice =
        advise(due.finding, due.state >= RotationState::kCritical ? Urgency::kNow : Urgency::kSoon, a);
    advice.by = act_by(due, a.input.now);
    items.add(std::move(advice));
    if (due.plan.no_window_left && due.state != RotationState::kExpired) {
      items.add({reason::kNoMaintenanceWindow, due.finding.sentence, {}}, Urgency::kSoon);
    }
  }
  if (a.rotation.misfit) items.add(*a.rotation.misfit, Urgency::kPlanned);
}

void advise_on_rehearsal(const Assessment& a, Items& items) {
  const RehearsalVerdict& rehearsal = a.rehearsal;
  if (!rehearsal.urgency) return;
  Advice advice = advise(rehearsal.finding, *rehearsal.urgency, a);
  const std::vector<std::string> steps = rehearsal_steps(a.input, rehearsal.finding.reason);
  advice.steps.insert(advice.steps.begin(), steps.begin(), steps.end());
  items.add(std::move(advice));
}

void advise_on_drift(const Assessment& a, Items& items) {
  if (a.drift.status == ConditionStatus::kFalse) items.add(a.drift.finding, Urgency::kSoon);
}

}  // namespace

std::vector<Advice> build_advice(const Assessment& a) {
  Items items(a);
  advise_on_spec(a, items);
  if (a.obstacle != nullptr) {
    items.add(describe(*a.obstacle), ours(a.obstacle->cause) ? Urgency::kConsider : Urgency::kNow);
  }
  advise_on_mode(a, items);
  advise_on_client_certificate(a, items);
  advise_on_drift(a, items);
  advise_on_rotation(a, items);
  advise_on_rehearsal(a, items);
  advise_on_mode_change(a, items);
  advise_on_server(a, items);
  return items.take();
}

std::vector<Advice> rotation_advice(const Assessment& a) {
  Items items(a);
  advise_on_rotation(a, items);
  return items.take();
}

bool is_about_rotation(const Advice& item) {
  return item.action.starts_with("Rotate") || item.action == "AddMaintenanceWindow" ||
         item.action == "AdjustRotation";
}

}  // namespace tlswarden::verdict

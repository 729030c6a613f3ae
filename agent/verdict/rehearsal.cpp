#include "verdict/rehearsal.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "verdict/assessment.hpp"
#include "verdict/client_certificate.hpp"
#include "verdict/ladder.hpp"
#include "verdict/next_ca.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using resource::ConditionStatus;
using resource::TlsMode;
using resource::Urgency;

std::string quoted(const pki::CertificateFacts& facts) {
  return "'" + facts.subject + "'";
}

class Rehearsal {
 public:
  Rehearsal(const JudgeInput& input, const Identity* identity, pki::VerificationCache& cache)
      : input_(input),
        facts_(resource::engine_facts(input.endpoint.spec.engine)),
        now_identity_(identity),
        cache_(cache),
        roots_(next_roots(*input.material.next_trust, input.now)) {
    next_.trust = input.material.next_trust;
    next_.ca_declared = true;
    if (identity != nullptr) {
      then_identity_ = judge_identity(input.observation.tls->chain, next_, verified_name(input), facts_.names,
                                      input.now, cache);
    }
  }

  RehearsalVerdict run() {
    RehearsalVerdict verdict;
    verdict.declared = true;
    const bool verifies_then = verifies_chain(mode(), facts_, next_);
    if (verifies_then && survives()) return safe(std::move(verdict));
    if (roots_.fault)
      return said(std::move(verdict), ConditionStatus::kFalse, *roots_.fault, Urgency::kPlanned);
    if (!verifies_then) return indifferent(std::move(verdict));
    note_missing(verdict);
    if (now_identity_ == nullptr) return unseen(std::move(verdict));
    if (!now_identity_->anchored || then_identity_->anchored || ends_at_next())
      return faulty(std::move(verdict));
    verdict.old_ca_needed = true;
    return still_old(std::move(verdict));
  }

 private:
  TlsMode mode() const { return input_.endpoint.spec.tls.mode; }
  std::string mode_text() const { return std::string(to_string(mode())); }
  const pki::Material& material() const { return input_.material; }
  std::string next_text() const { return "spec.tls.nextCA (" + material().next_trust->origin + ")"; }
  std::string bundle_text() const {
    return material().trust->system ? material().trust->origin
                                    : "spec.tls.ca (" + material().trust->origin + ")";
  }

  static RehearsalVerdict said(RehearsalVerdict verdict, ConditionStatus status, Finding finding,
                               std::optional<Urgency> urgency) {
    verdict.status = status;
    verdict.finding = std::move(finding);
    verdict.urgency = urgency;
    return verdict;
  }

  bool survives() const {
    return then_identity_ && then_identity_->chain_ok() &&
           (mode() != TlsMode::kVerifyFull || then_identity_->name_faults.empty());
  }

  /// What becomes of clients whose bundle does not verify the chain.
  std::string consequence() const {
    const bool falls_back =
        mode() == TlsMode::kPrefer && facts_.fallback == resource::PreferFallback::kNative;
    return falls_back ? "clients with prefer go on in plaintext"
                      : "clients with " + mode_text() + " are refused";
  }

  RehearsalVerdict safe(RehearsalVerdict verdict) const {
    Finding finding{reason::kSafeToSwitch, {}, {}};
    const pki::TrustStorePtr& bundle = material().trust;
    if (material().ca_declared && bundle && bundle->fingerprint == material().next_trust->fingerprint) {
      finding.sentence = "spec.tls.ca already is the next CA, and the served chain verifies with it";
      finding.next = "remove spec.tls.nextCA, and the old CA from whatever bundle of a client still has it";
      return said(std::move(verdict), ConditionStatus::kTrue, std::move(finding), Urgency::kConsider);
    }
    finding.sentence = "the served chain verifies with " + next_text() + " alone in mode " + mode_text();
    if (!now_identity_->chain_ok() && bundle && verifies_chain(mode(), facts_, material())) {
      finding.sentence += ", but not with " + bundle_text();
    } else if (now_identity_->anchored && !ends_at_next()) {
      finding.sentence += "; with " + bundle_text() + " it verifies through " +
                          quoted(now_identity_->path.back()->facts) +
                          " as long as the server sends the cross-signed certificate";
    }
    return said(std::move(verdict), ConditionStatus::kTrue, std::move(finding), Urgency::kPlanned);
  }

  RehearsalVerdict indifferent(RehearsalVerdict verdict) const {
    Finding finding{reason::kSafeToSwitch, {}, {}};
    finding.sentence = mode() == TlsMode::kDisable ? "mode disable uses no TLS, so no CA matters to it"
                                                   : "mode " + mode_text() + " verifies no chain with " +
                                                         facts_.client + ", so no CA matters to it";
    finding.next = "remove spec.tls.nextCA when the rotation is over everywhere";
    if (now_identity_ != nullptr && now_identity_->anchored && then_identity_ && !then_identity_->chain_ok())
      finding.sentence +=
          "; a mode that verifies would still need " + quoted(now_identity_->path.back()->facts);
    return said(std::move(verdict), ConditionStatus::kTrue, std::move(finding), std::nullopt);
  }

  RehearsalVerdict unseen(RehearsalVerdict verdict) const {
    return said(std::move(verdict), ConditionStatus::kUnknown,
                {reason::kNoCertificateSeen, "no certificate was seen to rehearse the switch with", {}},
                std::nullopt);
  }

  void note_missing(RehearsalVerdict& verdict) {
    if (!material().trust || !verifies_chain(mode(), facts_, material())) return;
    for (const pki::CertificatePtr& root : roots_.usable) {
      if (!holds(*material().trust, *root, input_.now, cache_)) missing_.push_back(root);
    }
    verdict.bundle_lacks_next = !missing_.empty();
  }

  std::string missing_text() const {
    std::string text = bundle_text() + " lacks the next CA " + quoted(missing_.front()->facts);
    if (missing_.size() > 1) text += " and " + std::to_string(missing_.size() - 1) + " more";
    return text;
  }

  /// Whether the path that is built now ends at the next CA already, whatever else is wrong with it.
  bool ends_at_next() const {
    const pki::CertificateFacts& anchor = now_identity_->path.back()->facts;
    return std::any_of(roots_.usable.begin(), roots_.usable.end(),
                       [&](const auto& root) { return same_authority(root->facts, anchor); });
  }

  /// The chain would not verify after the switch, but that is not for want of the old CA.
  RehearsalVerdict faulty(RehearsalVerdict verdict) const {
    const auto& faults = then_identity_->chain_faults;
    Finding finding = faults.empty() ? then_identity_->name_faults.front() : faults.front();
    if (now_identity_->anchored && !then_identity_->anchored) {
      finding.sentence = "the served chain leads to the next CA, but only through an intermediate that " +
                         next_text() + " lacks and the server does not send: '" +
                         then_identity_->path.back()->facts.issuer + "'";
    } else if (!then_identity_->anchored) {
      finding.sentence = "the served chain verifies neither now nor with " + next_text() + ": '" +
                         then_identity_->path.back()->facts.issuer + "' is in neither";
    } else {
      finding.sentence = "the served chain ends at the next CA, but " + finding.sentence;
    }
    if (!missing_.empty()) finding.sentence += "; " + missing_text();
    return said(std::move(verdict), ConditionStatus::kFalse, std::move(finding), std::nullopt);
  }

  RehearsalVerdict still_old(RehearsalVerdict verdict) const {
    const std::string old_ca = quoted(now_identity_->path.back()->facts);
    Finding finding;
    if (missing_.empty()) {
      finding.reason = reason::kOldCaStillNeeded;
      finding.sentence = "the server still serves a chain under " + old_ca + "; once only " + next_text() +
                         " is trusted, " + consequence();
    } else {
      finding.reason = reason::kBundleMissingNextCa;
      if (material().trust->system)
        finding.next =
            "add the next CA to it, or declare a bundle of both in spec.tls.ca, before the server switches";
      finding.sentence = missing_text() + ", so once the server switches, " + consequence() +
                         "; the server still serves a chain under " + old_ca;
    }
    return said(std::move(verdict), ConditionStatus::kFalse, std::move(finding), Urgency::kPlanned);
  }

  const JudgeInput& input_;
  const resource::EngineFacts& facts_;
  const Identity* now_identity_;
  pki::VerificationCache& cache_;
  NextRoots roots_;
  pki::Material next_;                     ///< as it would be after the switch
  std::optional<Identity> then_identity_;  ///< what the chain is worth after it
  pki::Chain missing_;                     ///< roots that the present bundle lacks
};

}  // namespace

const pki::MaterialProblem* next_ca_problem(const pki::Material& material) {
  const auto found =
      std::find_if(material.problems.begin(), material.problems.end(),
                   [](const auto& problem) { return problem.field.starts_with("spec.tls.nextCA"); });
  return found == material.problems.end() ? nullptr : &*found;
}

RehearsalVerdict judge_rehearsal(const JudgeInput& input, const Identity* identity,
                                 pki::VerificationCache& cache) {
  if (input.material.next_trust) return Rehearsal(input, identity, cache).run();
  RehearsalVerdict verdict;
  if (const auto* problem = next_ca_problem(input.material)) {
    verdict.status = ConditionStatus::kFalse;
    verdict.finding = describe(*problem);
    verdict.declared = true;
    return verdict;
  }
  verdict.finding = {reason::kNotDeclared, "spec.tls.nextCA is not declared", {}};
  return verdict;
}

}  // namespace tlswarden::verdict

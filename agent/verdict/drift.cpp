#include "verdict/drift.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "verdict/assessment.hpp"
#include "verdict/client_certificate.hpp"
#include "verdict/failure_reasons.hpp"
#include "verdict/member_rotations.hpp"
#include "verdict/members.hpp"
#include "verdict/reason_names.hpp"
#include "verdict/runbook.hpp"
#include "verdict/served_history.hpp"

namespace tlswarden::verdict {
namespace {

using pki::CertificateFacts;
using probe::Observation;
using resource::ConditionStatus;

constexpr const char* kField = "spec.servedCertificate";

const pki::Chain* chain_of(const Observation& seen) {
  return seen.tls && !seen.tls->chain.empty() ? &seen.tls->chain : nullptr;
}

std::vector<std::string> names(const CertificateFacts& facts) {
  std::vector<std::string> all;
  for (const std::string& name : facts.dns_names)
    all.push_back(base::lower_ascii(name));
  all.insert(all.end(), facts.ip_addresses.begin(), facts.ip_addresses.end());
  if (all.empty() && !facts.common_name.empty()) all.push_back(base::lower_ascii(facts.common_name));
  return all;
}

/// Of one line: made for the same key, or for one name at least that both have. Another issuer is no break: a
/// rotation is when one moves to a new CA.
bool is_related(const CertificateFacts& a, const CertificateFacts& b) {
  if (a.spki_sha256 == b.spki_sha256) return true;
  const std::vector<std::string> theirs = names(b);
  const std::vector<std::string> ours = names(a);
  return std::any_of(ours.begin(), ours.end(), [&](const std::string& name) {
    return std::find(theirs.begin(), theirs.end(), name) != theirs.end();
  });
}

/// The servers that were seen, by what they serve.
struct Comparison {
  std::vector<const Observation*> serving, waiting, foreign;

  std::size_t count() const { return serving.size() + waiting.size() + foreign.size(); }
};

Comparison compare(const JudgeInput& input) {
  const CertificateFacts& declared = input.material.served_certificate.front()->facts;
  Comparison result;
  const auto sort = [&](const Observation& seen) {
    const pki::Chain* chain = chain_of(seen);
    if (chain == nullptr) return;
    const CertificateFacts& leaf = chain->front()->facts;
    if (leaf.sha256 == declared.sha256) {
      result.serving.push_back(&seen);
    } else if (is_related(leaf, declared)) {
      (is_newer(declared, leaf) ? result.waiting : result.foreign).push_back(&seen);
    } else if (seen.member_host.empty()) {
      // A member with a name of its own has a certificate of its own, of which the spec says nothing.
      result.foreign.push_back(&seen);
    }
  };
  sort(input.observation);
  for (const Observation& member : input.observation.members)
    sort(member);
  return result;
}

/// "the server", or the members that are meant: "members 10.0.0.2:5432 and 10.0.0.3:5432 (2 of 3)".
std::string which(const std::vector<const Observation*>& meant, const Comparison& all,
                  const JudgeInput& input) {
  if (input.observation.members.empty()) return "the server";
  std::vector<std::string> named;
  named.reserve(meant.size());
  for (const Observation* one : meant)
    named.push_back(member_name(*one, input.endpoint.spec));
  return members_named(named, all.count());
}

resource::DeclaredCertificateStatus as_declared(const JudgeInput& input) {
  const CertificateFacts& facts = input.material.served_certificate.front()->facts;
  resource::DeclaredCertificateStatus declared{facts.sha256, facts.not_after, input.now};
  const auto& last = input.history.previous;
  if (last && last->served_certificate && last->served_certificate->sha256 == facts.sha256)
    declared.first_seen = last->served_certificate->first_seen;
  return declared;
}

bool is_date_fault(const Finding& fault) {
  return fault.reason == reason::kCertificateExpired || fault.reason == reason::kCertificateNotYetValid ||
         fault.reason == reason::kIntermediateExpired;
}

/// What clients would object to in the declared chain: what is out of date, and what they do not already
/// object to in the served one.
std::vector<Finding> new_faults(const std::vector<Finding>& declared, const std::vector<Finding>* served) {
  std::vector<Finding> faults;
  std::copy_if(declared.begin(), declared.end(), std::back_inserter(faults), [&](const Finding& fault) {
    return is_date_fault(fault) || served == nullptr ||
           std::none_of(served->begin(), served->end(),
                        [&](const Finding& known) { return known.reason == fault.reason; });
  });
  return faults;
}

std::optional<Finding> unfit(const JudgeInput& input, const Identity* served, pki::VerificationCache& cache) {
  const pki::Chain& chain = input.material.served_certificate;
  const Identity declared =
      judge_identity(chain, input.material, verified_name(input),
                     resource::engine_facts(input.endpoint.spec.engine).names, input.now, cache);
  std::vector<Finding> faults =
      new_faults(declared.chain_faults, served != nullptr ? &served->chain_faults : nullptr);
  const std::string broken = faults.empty() ? "verify-full" : "verify-ca and verify-full";
  const std::vector<Finding> name_faults =
      new_faults(declared.name_faults, served != nullptr ? &served->name_faults : nullptr);
  faults.insert(faults.end(), name_faults.begin(), name_faults.end());
  if (faults.empty()) return std::nullopt;
  std::vector<std::string> sentences;
  for (const Finding& fault : faults)
    sentences.push_back(fault.sentence);
  return Finding{reason::kDeclaredCertificateUnfit,
                 "loading the declared certificate, " + described(chain.front()->facts) + ", would break " +
                     broken + ": " + base::join(sentences, "; "),
                 {}};
}

Finding waiting_finding(const JudgeInput& input, const Comparison& seen, base::WallTime first_seen,
                        bool awaited) {
  const CertificateFacts& declared = input.material.served_certificate.front()->facts;
  const CertificateFacts& served = chain_of(*seen.waiting.front())->front()->facts;
  const bool one = seen.waiting.size() == 1;
  Finding finding{awaited ? reason::kReloadAwaited : reason::kRotationPending, {}, {}};
  finding.sentence = which(seen.waiting, seen, input) + (one ? " still serves " : " still serve ") +
                     described(served) + ", but " + described(declared) + " is declared";
  if (input.history.previous) finding.sentence += " since " + base::format_rfc3339(first_seen);
  if (awaited) {
    finding.sentence +=
        "; it has until " + base::format_rfc3339(first_seen + input.endpoint.spec.rotation.reload_grace);
  }
  finding.next = reload_hint(input);
  return finding;
}

Finding foreign_finding(const JudgeInput& input, const Comparison& seen) {
  const CertificateFacts& declared = input.material.served_certificate.front()->facts;
  const CertificateFacts& served = chain_of(*seen.foreign.front())->front()->facts;
  Finding finding{reason::kServedCertificateDiffers, {}, {}};
  finding.sentence = which(seen.foreign, seen, input) + (seen.foreign.size() == 1 ? " serves " : " serve ") +
                     described(served) + " for " + names_of(served) + ", which is not the declared " +
                     described(declared) + " for " + names_of(declared);
  if (is_related(served, declared)) {
    finding.sentence += "; the served one is the newer";
    finding.next =
        "bring spec.servedCertificate up to date, or find out who renewed the server's certificate";
  } else if (declared.is_ca && !served.is_ca) {
    finding.sentence += "; the declared one is a CA's";
    finding.next = "let spec.servedCertificate refer to the server's own certificate, first in its file";
  }
  return finding;
}

/// Intermediates of the declared chain that a server which has its leaf does not send.
std::string unsent(const JudgeInput& input, const Comparison& seen) {
  for (const Observation* server : seen.serving) {
    const pki::Chain& sent = *chain_of(*server);
    for (const pki::CertificatePtr& certificate : input.material.served_certificate) {
      const CertificateFacts& facts = certificate->facts;
      const bool is_sent = std::any_of(sent.begin(), sent.end(), [&](const pki::CertificatePtr& each) {
        return each->facts.sha256 == facts.sha256;
      });
      if (!is_sent && facts.is_ca && !facts.self_issued)
        return which({server}, seen, input) + " does not send the intermediate '" + facts.subject +
               "' of the declared chain";
    }
  }
  return {};
}

Finding served_finding(const JudgeInput& input, const Comparison& seen) {
  const CertificateFacts& declared = input.material.served_certificate.front()->facts;
  Finding finding{reason::kDeclaredCertificateServed,
                  "the declared certificate, " + described(declared) + ", is served",
                  {}};
  if (const std::string missing = unsent(input, seen); !missing.empty()) {
    finding.sentence += ", but " + missing;
    finding.next =
        "let the server's certificate file hold the whole declared chain, and " + reload_hint(input);
  }
  return finding;
}

/// Nothing can be compared: not declared, not usable, or nothing was seen.
DriftVerdict not_comparable(const JudgeInput& input) {
  if (!input.endpoint.spec.served_certificate && input.material.served_certificate.empty()) {
    return {ConditionStatus::kUnknown,
            {reason::kNotDeclared, "spec.servedCertificate is not declared", {}},
            std::nullopt};
  }
  for (const pki::MaterialProblem& problem : input.material.problems) {
    if (problem.field == kField && !problem.last_good_kept)
      return {ConditionStatus::kUnknown, describe(problem), std::nullopt};
  }
  return {ConditionStatus::kUnknown,
          {reason::kNoCertificateSeen,
           "no certificate was seen that the declared one could be compared with",
           {}},
          std::nullopt};
}

Finding past_finding(const ServedHistory& past) {
  if (past.course == ServedCourse::kReverted) return {reason::kCertificateReverted, past.sentence, {}};
  // Which servers they are cannot be told from here, so the reason's own advice has no members to name.
  return {reason::kMembersDiffer,
          past.sentence,
          {},
          "find out which servers answer here, and have each of them load the newer certificate"};
}

DriftVerdict compared(const JudgeInput& input, const Identity* served, const ServedHistory& past,
                      pki::VerificationCache& cache) {
  const Comparison seen = compare(input);
  DriftVerdict verdict = not_comparable(input);
  verdict.declared = as_declared(input);
  const base::WallTime due = verdict.declared->first_seen + input.endpoint.spec.rotation.reload_grace;
  const bool awaited = input.history.previous && input.now < due;
  if (seen.count() == 0) return verdict;
  const bool all_serve = seen.serving.size() == seen.count();
  const bool several = past.course == ServedCourse::kSeveral || past.course == ServedCourse::kElsewhere;
  if (several || past.course == ServedCourse::kSettling) {
    verdict.status = several && !awaited ? ConditionStatus::kFalse : ConditionStatus::kUnknown;
    verdict.finding = past_finding(past);
  } else if (all_serve) {
    verdict.status = ConditionStatus::kTrue;
    verdict.finding = served_finding(input, seen);
  } else if (past.course == ServedCourse::kReverted) {
    verdict.status = ConditionStatus::kFalse;
    verdict.finding = past_finding(past);
  } else if (!seen.foreign.empty()) {
    verdict.status = ConditionStatus::kFalse;
    verdict.finding = foreign_finding(input, seen);
  } else if (auto fault = unfit(input, served, cache)) {
    verdict.status = ConditionStatus::kFalse;
    verdict.finding = *std::move(fault);
  } else {
    verdict.status = awaited ? ConditionStatus::kUnknown : ConditionStatus::kFalse;
    verdict.finding = waiting_finding(input, seen, verdict.declared->first_seen, awaited);
  }
  return verdict;
}

}  // namespace

DriftVerdict judge_drift(const JudgeInput& input, const Identity* served, pki::VerificationCache& cache) {
  const ServedHistory past = judge_served_history(input);
  if (!input.material.served_certificate.empty()) return compared(input, served, past, cache);
  DriftVerdict verdict = not_comparable(input);
  if (input.endpoint.spec.served_certificate && input.history.previous) {
    // Its file cannot be read just now; the grace runs on.
    verdict.declared = input.history.previous->served_certificate;
  }
  if (past.course == ServedCourse::kReverted || past.course == ServedCourse::kSeveral) {
    verdict.status = ConditionStatus::kFalse;
    verdict.finding = past_finding(past);
  } else if (past.course == ServedCourse::kSettling) {
    verdict.finding = past_finding(past);
  }
  return verdict;
}

}  // namespace tlswarden::verdict

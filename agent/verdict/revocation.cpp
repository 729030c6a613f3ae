#include "verdict/revocation.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "verdict/identity.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using pki::Staple;
using resource::RevocationAnswer;
using resource::Urgency;

Finding revoked(const std::string& what, base::WallTime revoked_at, const std::string& why,
                const std::string& source, base::WallTime now) {
  std::string sentence = what + " was revoked by its CA " + when(now, revoked_at);
  if (!why.empty()) sentence += " (" + why + ")";
  return {reason::kCertificateRevoked, sentence + ", says " + source, {}};
}

/// The certificate that issued the leaf; null if it is not known.
const pki::Certificate* issuer_of_leaf(const pki::Chain& path) {
  const pki::CertificateFacts& leaf = path.front()->facts;
  if (leaf.self_signed) return path.front().get();
  const auto issuer = std::find_if(path.begin() + 1, path.end(), [&](const pki::CertificatePtr& one) {
    return one->facts.subject == leaf.issuer;
  });
  return issuer == path.end() ? nullptr : issuer->get();
}

void judge_missing_staple(const probe::TlsObservation& tls, const pki::CertificateFacts& leaf,
                          RevocationVerdict& verdict) {
  if (!leaf.must_staple || !tls.finished) return;
  verdict.remarks.push_back(
      {{reason::kStapleMissing,
        "the server's certificate promises a stapled OCSP response, and the server sends none",
        {}},
       Urgency::kSoon});
}

RevocationAnswer answer_of(const Staple& staple) {
  switch (staple.answer) {
    case Staple::Answer::kGood:
      return RevocationAnswer::kGood;
    case Staple::Answer::kRevoked:
      return RevocationAnswer::kRevoked;
    case Staple::Answer::kUnknown:
      break;
  }
  return RevocationAnswer::kUnknown;
}

void judge_answer(const Staple& staple, base::WallTime seen_at, base::WallTime now,
                  RevocationVerdict& verdict) {
  if (staple.answer == Staple::Answer::kRevoked) {
    // A revocation does not lapse with the response that tells of it.
    verdict.revoked.push_back(revoked("the server's certificate", staple.revoked_at, staple.revocation_reason,
                                      "the OCSP response that the server staples to it", now));
  } else if (pki::is_stale(staple, seen_at)) {
    verdict.remarks.push_back({{reason::kStapleStale,
                                "the OCSP response that the server staples to its certificate expired " +
                                    when(now, *staple.next_update),
                                {}},
                               Urgency::kSoon});
  } else if (staple.answer == Staple::Answer::kUnknown) {
    verdict.remarks.push_back({{reason::kStapleInvalid,
                                "the OCSP response that the server staples to its certificate says that the "
                                "CA does not know this certificate",
                                {}},
                               Urgency::kPlanned});
  }
}

void judge_staple(const probe::Observation& seen, const pki::Chain& path, base::WallTime now,
                  pki::VerificationCache& cache, RevocationVerdict& verdict) {
  const probe::TlsObservation& tls = *seen.tls;
  if (tls.staple.empty()) return judge_missing_staple(tls, path.front()->facts, verdict);
  const pki::Certificate* issuer = issuer_of_leaf(path);
  // Without the issuer nobody can say; that it is missing is said elsewhere.
  if (issuer == nullptr) return;
  const Staple& staple = cache.staple(tls.staple, *path.front(), *issuer);
  const std::string problem = pki::staple_problem(staple, seen.at);
  if (!problem.empty()) {
    verdict.remarks.push_back(
        {{reason::kStapleInvalid,
          "the OCSP response that the server staples to its certificate cannot be believed: " + problem,
          {}},
         Urgency::kPlanned});
    return;
  }
  verdict.staple = resource::StapleStatus{answer_of(staple), staple.this_update, staple.next_update};
  judge_answer(staple, seen.at, now, verdict);
}

void judge_lists(const pki::RevocationCheck& lists, const pki::Chain& path, const std::string& trust,
                 base::WallTime now, RevocationVerdict& verdict) {
  for (const pki::RevokedCertificate& one : lists.revoked) {
    const bool is_leaf = one.certificate == path.front();
    // The staple has said so already.
    if (is_leaf && !verdict.revoked.empty()) continue;
    const std::string what =
        is_leaf ? "the server's certificate" : "the intermediate " + quoted_name(one.certificate->facts);
    Finding finding = revoked(what, one.revoked_at, one.reason, "a revocation list in " + trust, now);
    // What it issued falls with it, whosever the keys are.
    if (!is_leaf)
      finding.next = "get a certificate from a CA that still stands, install it with its chain and reload it";
    verdict.revoked.push_back(std::move(finding));
  }
  for (const pki::StaleList& list : lists.stale) {
    verdict.remarks.push_back({{reason::kRevocationListStale,
                                "the revocation list of '" + list.issuer + "' in " + trust + " expired " +
                                    when(now, list.next_update),
                                {}},
                               Urgency::kSoon});
  }
  for (const pki::UnusableList& list : lists.unusable) {
    verdict.remarks.push_back(
        {{reason::kRevocationListUnusable,
          "the revocation list of '" + list.issuer + "' in " + trust + " is passed over: " + list.why,
          {}},
         Urgency::kConsider});
  }
}

}  // namespace

RevocationVerdict judge_revocation(const probe::Observation& seen, const pki::Chain& path,
                                   const pki::TrustStore* trust, base::WallTime now,
                                   pki::VerificationCache& cache) {
  RevocationVerdict verdict;
  if (path.empty()) return verdict;
  judge_staple(seen, path, now, cache, verdict);
  if (trust == nullptr) return verdict;
  const pki::ChainVerification& known = cache.verify(seen.tls->chain, *trust, pki::Purpose::kServer, now);
  judge_lists(known.revocation, path, name_of(*trust), now, verdict);
  return verdict;
}

}  // namespace tlswarden::verdict

#include "verdict/next_ca.hpp"

#include <algorithm>

#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using pki::CertificateFacts;
using pki::ChainFault;

bool in_date(const CertificateFacts& facts, base::WallTime now) {
  return facts.not_before <= now && now <= facts.not_after;
}

Finding no_root(const pki::TrustStore& next) {
  const auto& all = next.anchors;
  const auto issuer =
      std::find_if(all.begin(), all.end(), [](const auto& certificate) { return certificate->facts.is_ca; });
  if (issuer == all.end()) {
    const std::string subject = all.empty() ? "" : " '" + all.front()->facts.subject + "'";
    return {reason::kNextCaUnusable,
            "spec.tls.nextCA (" + next.origin + ") holds" + subject + ", which is no CA",
            {}};
  }
  const CertificateFacts& facts = (*issuer)->facts;
  Finding finding{reason::kNextCaUnusable,
                  "spec.tls.nextCA (" + next.origin + ") holds the intermediate '" + facts.subject +
                      "' but no root, and clients accept a chain only up to a root",
                  {}};
  finding.next = "add the certificate of its issuer '" + facts.issuer + "'";
  return finding;
}

Finding out_of_date(const pki::TrustStore& next, const CertificateFacts& facts, base::WallTime now) {
  const bool early = now < facts.not_before;
  Finding finding{reason::kNextCaUnusable,
                  "the CA '" + facts.subject + "' of spec.tls.nextCA (" + next.origin + ") " +
                      (early ? "becomes valid only " + when(now, facts.not_before)
                             : "expired " + when(now, facts.not_after)),
                  {}};
  if (early) finding.next = "add it to the clients' bundles now, but let no server switch before that day";
  return finding;
}

}  // namespace

NextRoots next_roots(const pki::TrustStore& next, base::WallTime now) {
  NextRoots roots;
  pki::Chain self_signed;
  for (const pki::CertificatePtr& certificate : next.anchors) {
    if (!certificate->facts.self_signed) continue;
    self_signed.push_back(certificate);
    if (in_date(certificate->facts, now)) roots.usable.push_back(certificate);
  }
  if (self_signed.empty()) {
    roots.fault = no_root(next);
  } else if (roots.usable.empty()) {
    // What is still to come is worth more than what is over.
    const auto latest = std::max_element(
        self_signed.begin(), self_signed.end(),
        [](const auto& a, const auto& b) { return a->facts.not_after < b->facts.not_after; });
    roots.fault = out_of_date(next, (*latest)->facts, now);
  }
  return roots;
}

bool same_authority(const CertificateFacts& a, const CertificateFacts& b) {
  const bool ids_agree =
      a.subject_key_id.empty() || b.subject_key_id.empty() || a.subject_key_id == b.subject_key_id;
  return a.subject == b.subject && a.spki_sha256 == b.spki_sha256 && ids_agree;
}

bool holds(const pki::TrustStore& store, const pki::Certificate& root, base::WallTime now,
           pki::VerificationCache& cache) {
  return std::any_of(store.anchors.begin(), store.anchors.end(), [&](const pki::CertificatePtr& held) {
    const CertificateFacts& facts = held->facts;
    if (!same_authority(facts, root.facts) || !in_date(facts, now)) return false;
    if (facts.self_signed) return true;
    const pki::ChainVerification& way = cache.verify({held}, store, pki::Purpose::kServer, now);
    // A CA need not be fit to be a server itself.
    return way.anchored && std::all_of(way.faults.begin(), way.faults.end(),
                                       [](ChainFault fault) { return fault == ChainFault::kWrongPurpose; });
  });
}

}  // namespace tlswarden::verdict

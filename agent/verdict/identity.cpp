#include "verdict/identity.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "verdict/chain_faults.hpp"
#include "verdict/default_certificates.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using pki::CertificateFacts;
using pki::ChainFault;

/// NIST SP 800-57: 112 bits, which is also what OpenSSL's security level 2 demands.
constexpr int kLeastStrength = 112;

const std::string& shown_name(const CertificateFacts& facts) {
  return facts.common_name.empty() ? facts.subject : facts.common_name;
}

/// The first certificate of the path, from `first` on, that is out of date; null if none is.
const CertificateFacts* out_of_date(const pki::Chain& path, std::size_t first, base::WallTime now) {
  for (std::size_t i = first; i < path.size(); ++i) {
    const CertificateFacts& facts = path[i]->facts;
    if (now > facts.not_after || now < facts.not_before) return &facts;
  }
  return nullptr;
}

std::string dated(const std::string& what, const CertificateFacts* facts, base::WallTime now) {
  if (facts == nullptr) return what + " is out of date";
  const std::string named = what + " '" + shown_name(*facts) + "'";
  if (now < facts->not_before) return named + " becomes valid only " + when(now, facts->not_before);
  return named + " expired " + when(now, facts->not_after);
}

struct Context {
  const pki::Chain& served;
  const pki::Chain& path;
  const pki::TrustStore& trust;
  const std::string& missing_issuer;
  const std::string& hint;
  base::WallTime now;
};

Finding describe_trust_fault(ChainFault fault, const Context& context) {
  const CertificateFacts& leaf = context.served.front()->facts;
  const CertificateFacts& last = (context.path.empty() ? context.served : context.path).back()->facts;
  const std::string& issuer = context.missing_issuer.empty() ? last.issuer : context.missing_issuer;
  const std::string trust = name_of(context.trust);
  if (const DefaultCertificate* known = find_default_certificate(leaf)) {
    return {reason::kDefaultCertificate,
            "the server uses a placeholder, " + known->name + " ('" + shown_name(leaf) +
                "'), which no client can verify",
            {}};
  }
  switch (fault) {
    case ChainFault::kSelfSignedLeaf:
      return {reason::kSelfSignedLeaf,
              "the server's certificate '" + shown_name(leaf) + "' is self-signed and not in " + trust,
              {}};
    case ChainFault::kSelfSignedInChain:
      return {reason::kSelfSignedInChain,
              "the served chain ends at the root '" + shown_name(last) + "', which is not in " + trust,
              {}};
    case ChainFault::kIncompleteChain:
      return {reason::kIncompleteChain,
              "the server does not send the intermediate '" + issuer + "' that issued its certificate",
              {},
              {},
              context.hint};
    default:
      return {reason::kUnknownIssuer,
              (issuer == leaf.issuer ? "the server's certificate is issued by '"
                                     : "the served chain leads to the CA '") +
                  issuer + "', which is not in " + trust,
              {},
              {},
              context.hint};
  }
}

Finding describe_fault(ChainFault fault, const pki::FaultEvidence& evidence, const Context& context) {
  const CertificateFacts& leaf = context.served.front()->facts;
  const base::WallTime now = context.now;
  switch (fault) {
    case ChainFault::kNoCertificate:
      return {reason::kNoCertificateSeen, "the server sent no certificate", {}};
    case ChainFault::kSelfSignedLeaf:
    case ChainFault::kSelfSignedInChain:
    case ChainFault::kIncompleteChain:
    case ChainFault::kUnknownIssuer:
      return describe_trust_fault(fault, context);
    case ChainFault::kBadSignature:
      return signature_fault(evidence);
    case ChainFault::kLeafExpired:
      return {reason::kCertificateExpired, "certificate expired " + when(now, leaf.not_after), {}};
    case ChainFault::kLeafNotYetValid:
      return {reason::kCertificateNotYetValid,
              "certificate becomes valid only " + when(now, leaf.not_before),
              {}};
    case ChainFault::kIntermediateExpired:
      return {reason::kIntermediateExpired,
              dated("the intermediate", out_of_date(context.path, 1, now), now),
              {}};
    case ChainFault::kAnchorExpired:
      return {reason::kCaExpired,
              dated("the CA", context.path.empty() ? nullptr : &context.path.back()->facts, now),
              {}};
    case ChainFault::kWrongPurpose:
      return purpose_fault(evidence, leaf);
    case ChainFault::kNotACa:
      return issuer_fault(evidence);
    case ChainFault::kOther:
      break;
  }
  return other_fault(evidence);
}

void append_weaknesses(const pki::Chain& path, bool anchored, std::vector<Finding>& faults) {
  const auto too_weak = [](int bits) { return bits > 0 && bits < kLeastStrength; };
  for (const pki::CertificatePtr& certificate : path) {
    const CertificateFacts& facts = certificate->facts;
    if (too_weak(facts.key_security_bits)) {
      faults.push_back(
          {reason::kWeakKey, "the key of '" + shown_name(facts) + "' (" + facts.key + ") is too weak", {}});
      break;
    }
  }
  // Nobody checks the signature on the certificate that is itself trusted.
  const std::size_t signatures = path.size() - (anchored && !path.empty() ? 1 : 0);
  for (std::size_t i = 0; i < signatures; ++i) {
    const CertificateFacts& facts = path[i]->facts;
    if (!facts.self_signed && too_weak(facts.signature_security_bits)) {
      faults.push_back(
          {reason::kWeakSignature,
           "'" + shown_name(facts) + "' is signed with " + facts.signature + ", which is too weak",
           {}});
      break;
    }
  }
}

/// The intermediates of the path that the server leaves to its clients, as they are named in a sentence.
std::string not_sent(const pki::Chain& served, const pki::Chain& path) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i + 1 < path.size(); ++i) {
    const bool sent = std::any_of(served.begin(), served.end(), [&](const pki::CertificatePtr& one) {
      return one->facts.sha256 == path[i]->facts.sha256;
    });
    if (!sent) names.push_back(quoted_name(path[i]->facts));
  }
  return base::join(names, ", ");
}

void judge_name(const pki::Certificate& leaf, const std::string& name, resource::NameRules rules,
                pki::VerificationCache& cache, Identity& identity) {
  const pki::NameMatch match = cache.match_name(leaf, name, name_policy(rules));
  if (!match.matches) {
    identity.name_faults.push_back({reason::kHostnameMismatch,
                                    "the certificate is for " + names_of(leaf.facts) + ", not for " + name,
                                    {}});
  } else if (match.by_common_name) {
    identity.remarks.push_back(
        {reason::kCommonNameOnly,
         "the name " + name + " matches only the certificate's common name, which many clients ignore",
         {}});
  }
}

}  // namespace

const Finding* Identity::foremost_remark() const {
  if (!remarks.empty()) return &remarks.front();
  for (const std::vector<Remark>* group : {&revocation.remarks, &quality}) {
    const auto found = std::find_if(group->begin(), group->end(), [](const Remark& remark) {
      return remark.urgency < resource::Urgency::kConsider;
    });
    if (found != group->end()) return &found->finding;
  }
  return nullptr;
}

std::string name_of(const pki::TrustStore& trust) {
  return trust.system ? trust.origin : "spec.tls.ca (" + trust.origin + ")";
}

pki::NamePolicy name_policy(resource::NameRules rules) {
  switch (rules) {
    case resource::NameRules::kLibpq:
      return pki::NamePolicy::kLibpq;
    case resource::NameRules::kOpenssl:
      return pki::NamePolicy::kOpenssl;
    case resource::NameRules::kStrict:
      return pki::NamePolicy::kStrict;
  }
  return pki::NamePolicy::kStrict;
}

std::string names_of(const CertificateFacts& facts) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> names = facts.dns_names;
  names.insert(names.end(), facts.ip_addresses.begin(), facts.ip_addresses.end());
  if (names.empty()) {
    return facts.common_name.empty() ? "no name at all" : facts.common_name + " (common name only)";
  }
  const std::size_t more = names.size() > kShown ? names.size() - kShown : 0;
  names.resize(names.size() - more);
  return base::join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

Identity judge_identity(const pki::Chain& served, const pki::Material& material, const std::string& name,
                        resource::NameRules rules, base::WallTime now, pki::VerificationCache& cache) {
  Identity identity;
  judge_name(*served.front(), name, rules, cache, identity);
  if (!material.trust) {
    identity.trust_known = false;
    identity.path = served;
    append_weaknesses(served, false, identity.chain_faults);
    return identity;
  }
  const pki::ChainVerification& verification =
      cache.verify(served, *material.trust, pki::Purpose::kServer, now);
  identity.path = verification.path.empty() ? served : verification.path;
  identity.anchored = verification.anchored;
  const Context context{
      served, identity.path, *material.trust, verification.missing_issuer, verification.hint, now};
  for (std::size_t i = 0; i < verification.faults.size(); ++i) {
    const bool known = i < verification.evidence.size();
    Finding finding = describe_fault(
        verification.faults[i],
        known ? verification.evidence[i] : pki::FaultEvidence{verification.detail, nullptr}, context);
    const bool told = !identity.chain_faults.empty() && identity.chain_faults.back().reason == finding.reason;
    if (!told) identity.chain_faults.push_back(std::move(finding));
  }
  append_weaknesses(identity.path, identity.anchored, identity.chain_faults);
  if (!verification.ok()) return identity;
  if (verification.intermediate_from_store) {
    identity.remarks.push_back({reason::kIntermediateNotSent,
                                "the chain verifies only because " + name_of(*material.trust) +
                                    " holds the intermediate that the server should send, " +
                                    not_sent(served, identity.path) +
                                    "; clients that have the root alone refuse the server",
                                {}});
  }
  identity.quality = judge_chain_quality(served, identity.path, now);
  return identity;
}

}  // namespace tlswarden::verdict

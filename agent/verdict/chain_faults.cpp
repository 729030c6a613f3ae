#include "verdict/chain_faults.hpp"

#include <string>
#include <utility>

#include "verdict/chain_quality.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

std::string in_brackets(const pki::FaultEvidence& evidence) {
  return evidence.detail.empty() ? std::string() : " (" + evidence.detail + ")";
}

std::string name_in_chain(const pki::FaultEvidence& evidence) {
  return evidence.concerns ? quoted_name(evidence.concerns->facts) + " in the chain"
                           : "a CA in the served chain";
}

}  // namespace

Finding signature_fault(const pki::FaultEvidence& evidence) {
  const std::string what = evidence.concerns ? "the signature on " + quoted_name(evidence.concerns->facts)
                                             : "a signature in the served chain";
  return {reason::kInvalidSignature, what + " is wrong" + in_brackets(evidence), {}};
}

Finding purpose_fault(const pki::FaultEvidence& evidence, const pki::CertificateFacts& leaf) {
  if (!leaf.server_auth && leaf.has_extended_key_usage && leaf.client_auth) {
    return {reason::kWrongPurpose,
            "the server's certificate " + quoted_name(leaf) + " is made for clients only",
            {}};
  }
  if (!leaf.server_auth) {
    return {reason::kWrongPurpose,
            "the usage that the server's certificate " + quoted_name(leaf) + " declares is not a server's",
            {}};
  }
  return {reason::kWrongPurpose,
          name_in_chain(evidence) + " may not issue certificates for servers" + in_brackets(evidence),
          {},
          "reissue the server's certificate from a CA that may"};
}

Finding issuer_fault(const pki::FaultEvidence& evidence) {
  std::string sentence = name_in_chain(evidence);
  switch (evidence.rule) {
    case pki::IssuerRule::kMayIssue:
      sentence += " may not issue certificates";
      break;
    case pki::IssuerRule::kPathLength:
      sentence += " may not have so many CAs below it";
      break;
    case pki::IssuerRule::kNames:
      sentence = "a CA in the chain may not issue certificates for the names of ";
      sentence += evidence.concerns ? quoted_name(evidence.concerns->facts) : "one below it";
      break;
  }
  return {reason::kInvalidChain, sentence + in_brackets(evidence), {}};
}

Finding other_fault(const pki::FaultEvidence& evidence) {
  const std::string where = evidence.concerns ? " at " + quoted_name(evidence.concerns->facts) : "";
  return {
      reason::kCertificateInvalid, "the served chain does not verify" + where + in_brackets(evidence), {}};
}

}  // namespace tlswarden::verdict

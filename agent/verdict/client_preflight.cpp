#include "verdict/client_preflight.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string>

#include "pki/client_chain.hpp"
#include "verdict/client_certificate.hpp"
#include "verdict/condition_text.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

constexpr std::array kReasons{reason::kReferenceNotFound,
                              reason::kReferenceInvalid,
                              reason::kClientKeyMismatch,
                              reason::kClientKeyEncrypted,
                              reason::kClientKeyPermissions,
                              reason::kPassphraseIncorrect,
                              reason::kClientCertificateExpired,
                              reason::kClientCertificateNotYetValid,
                              reason::kClientCertificateWrongPurpose};

/// libpq 15, fe-secure-openssl.c: nothing for the group and others, unless root owns the file, whose group
/// may then read it. Any other owner is fine as long as the client can read the file.
bool libpq_refuses(const pki::KeyFile& file) {
  constexpr unsigned kBeyondOwner = 0077;
  constexpr unsigned kBeyondGroupReading = 0037;
  return (file.mode & (file.owned_by_root ? kBeyondGroupReading : kBeyondOwner)) != 0;
}

bool open_to_all(const pki::KeyFile& file) {
  constexpr unsigned kOthersReadOrWrite = 0006;
  return (file.mode & kOthersReadOrWrite) != 0;
}

std::string octal(unsigned mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

Finding about_permissions(const pki::KeyFile& file, const std::string& sentence) {
  const std::string mode = file.owned_by_root && (file.mode & 0040U) != 0 ? "640" : "600";
  return {.reason = reason::kClientKeyPermissions,
          .sentence = sentence + " (mode " + octal(file.mode) + ")",
          .peer_text = {},
          .next = "run chmod " + mode + " " + file.path + " (spec.tls.clientKey)"};
}

Finding about_chain(std::string sentence, std::string next) {
  return {.reason = reason::kClientCertificateChainBroken,
          .sentence = std::move(sentence),
          .peer_text = {},
          .next = std::move(next)};
}

/// One of those that come behind the leaf.
std::optional<Finding> date_fault(const pki::ClientChain& chain, base::WallTime now) {
  for (std::size_t i = 1; i < chain.path.size(); ++i) {
    const pki::CertificateFacts& link = chain.path[i]->facts;
    if (link.self_signed || now <= link.not_after) continue;
    return Finding{.reason = reason::kClientCertificateExpired,
                   .sentence = "the intermediate " + link.subject +
                               " behind the client certificate expired " + when(now, link.not_after),
                   .peer_text = {},
                   .next =
                       "replace it in spec.tls.clientCertificate, and the client certificate if it was not "
                       "issued again"};
  }
  return std::nullopt;
}

/// The intermediate that the file should hold as well; empty where none is known to be missing. That the
/// server trusts the same CA for clients as the client does for servers is usual, not certain.
std::string missing_intermediate(const pki::ClientChain& chain, const JudgeInput& input,
                                 pki::VerificationCache& cache) {
  const pki::TrustStorePtr& trust = input.material.trust;
  if (!chain.open() || !trust) return {};
  const std::string& issuer = chain.path.back()->facts.issuer;
  const auto anchor =
      std::find_if(trust->anchors.begin(), trust->anchors.end(),
                   [&](const pki::CertificatePtr& each) { return each->facts.subject == issuer; });
  if (anchor != trust->anchors.end()) return (*anchor)->facts.self_issued ? std::string() : issuer;
  const pki::ChainVerification& verified = cache.verify(chain.path, *trust, pki::Purpose::kClient, input.now);
  return verified.has(pki::ChainFault::kIncompleteChain) ? issuer : std::string();
}

std::optional<Finding> chain_remark(const pki::ClientChain& chain, const std::string& missing) {
  if (chain.impostor) {
    return about_chain("the certificate " + chain.impostor->facts.subject +
                           " behind the client certificate bears its issuer's name but did not sign it",
                       "replace it in spec.tls.clientCertificate by the issuer's present certificate");
  }
  if (!missing.empty()) {
    return about_chain(
        "the intermediate " + missing +
            " is missing behind the client certificate, so that a server which does not hold it "
            "refuses the client",
        "append its certificate in spec.tls.clientCertificate");
  }
  if (!chain.ordered) {
    return about_chain(
        "the certificates behind the client certificate are out of order, which some servers "
        "refuse",
        "order them in spec.tls.clientCertificate so that each is followed by its issuer");
  }
  if (!chain.unrelated.empty()) {
    return about_chain("the certificate " + chain.unrelated.front()->facts.subject +
                           " in the client certificate's file has nothing to do with it, and is sent along",
                       "remove it from spec.tls.clientCertificate");
  }
  return std::nullopt;
}

std::optional<Finding> leaf_remark(const pki::CertificateFacts& leaf) {
  if (leaf.self_signed) {
    return Finding{
        .reason = reason::kClientCertificateSelfSigned,
        .sentence =
            "the client certificate is signed by itself, so that only a server accepts it which trusts "
            "this very certificate",
        .peer_text = {}};
  }
  if (!leaf.is_ca) return std::nullopt;
  return Finding{
      .reason = reason::kClientCertificateWrongPurpose,
      .sentence = "the client certificate is that of a CA, with whose key anybody could be certified",
      .peer_text = {},
      .next =
          "have a certificate issued for the client alone and declare it in "
          "spec.tls.clientCertificate"};
}

}  // namespace

ClientPreflight examine_client(const JudgeInput& input, const resource::EngineFacts& facts,
                               pki::VerificationCache& cache) {
  ClientPreflight found;
  const auto add = [](std::vector<Finding>& into, std::optional<Finding> finding) {
    if (finding) into.push_back(*std::move(finding));
  };
  const pki::Material& material = input.material;
  add(found.faults, client_certificate_fault(material, input.now));
  if (!material.client_certificates.empty()) {
    const pki::ClientChain chain = pki::trace_client_chain(material.client_certificates);
    add(found.faults, date_fault(chain, input.now));
    add(found.remarks, leaf_remark(chain.path.front()->facts));
    add(found.remarks, chain_remark(chain, missing_intermediate(chain, input, cache)));
  }
  const auto& file = material.client_key_file;
  if (auto refused = key_file_refusal(material, facts)) {
    found.faults.push_back(*std::move(refused));
  } else if (file && open_to_all(*file)) {
    found.remarks.push_back(
        about_permissions(*file, "everybody on the machine may read or write the client key's file"));
  }
  return found;
}

Finding with_likely_cause(Finding finding, std::string_view code, const ClientPreflight& client) {
  // RFC 8446 section 6.2: whose issuer the server does not know it does not examine any further.
  constexpr std::string_view kUnknownCa = "48";
  const auto about_leaf = std::find_if(client.faults.begin(), client.faults.end(), [](const Finding& fault) {
    return fault.reason != reason::kClientKeyPermissions;
  });
  const bool fault = about_leaf != client.faults.end() && code != kUnknownCa;
  if (!fault && client.remarks.empty()) return finding;
  const Finding& cause = fault ? *about_leaf : client.remarks.front();
  if (fault) finding.reason = cause.reason;
  finding.sentence += "; " + cause.sentence;
  finding.next = cause.next.empty() ? next_step(cause.reason) : cause.next;
  return finding;
}

std::optional<Finding> key_file_refusal(const pki::Material& material, const resource::EngineFacts& facts) {
  const auto& file = material.client_key_file;
  if (!file || facts.names != resource::NameRules::kLibpq || !libpq_refuses(*file)) return std::nullopt;
  return about_permissions(
      *file, facts.client + " refuses the client key's file, which others than its owner may read or write");
}

bool told_by_preflight(std::string_view reason) {
  return std::any_of(kReasons.begin(), kReasons.end(), [&](const char* each) { return reason == each; });
}

}  // namespace tlswarden::verdict

#include "verdict/advice_item.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "resource/provider.hpp"
#include "verdict/condition_text.hpp"
#include "verdict/reason_names.hpp"
#include "verdict/reasons.hpp"
#include "verdict/runbook.hpp"

namespace tlswarden::verdict {
namespace {

/// What of the engine's facts belongs into the steps of an action.
enum class Help { kNone, kReload, kReloadCa, kEnable, kGrant };

struct Action {
  const char* reason;
  const char* name;
  Help help;
};

/// Reasons without a line here name a fault that only its own entry can advise on: "ResolveProblem".
constexpr std::array kActions{
    Action{reason::kReferenceNotFound, "FixReference", Help::kNone},
    Action{reason::kReferenceInvalid, "FixReference", Help::kNone},
    Action{reason::kClientKeyMismatch, "FixClientKey", Help::kNone},
    Action{reason::kClientKeyEncrypted, "FixClientKey", Help::kNone},
    Action{reason::kPassphraseIncorrect, "FixClientKey", Help::kNone},
    Action{reason::kDnsFailure, "RestoreConnection", Help::kNone},
    Action{reason::kConnectionRefused, "RestoreConnection", Help::kNone},
    Action{reason::kConnectTimeout, "RestoreConnection", Help::kNone},
    Action{reason::kNetworkUnreachable, "RestoreConnection", Help::kNone},
    Action{reason::kConnectionReset, "RestoreConnection", Help::kNone},
    Action{reason::kTunnelUnreachable, "RestoreTunnel", Help::kNone},
    Action{reason::kTunnelHostKeyUnknown, "PinHostKey", Help::kNone},
    Action{reason::kTunnelHostKeyMismatch, "VerifyHostKey", Help::kNone},
    Action{reason::kTunnelKeyInvalid, "FixTunnelKey", Help::kNone},
    Action{reason::kTunnelAuthenticationFailed, "AuthorizeTunnelKey", Help::kNone},
    Action{reason::kTunnelForwardingRefused, "PermitForwarding", Help::kNone},
    Action{reason::kTunnelTargetUnreachable, "RestoreConnection", Help::kNone},
    Action{reason::kNegotiationTimeout, "RestoreConnection", Help::kNone},
    Action{reason::kWrongProtocol, "CorrectPort", Help::kNone},
    Action{reason::kNotTls, "EnableTLS", Help::kEnable},
    Action{reason::kTlsNotSupported, "EnableTLS", Help::kEnable},
    Action{reason::kHandshakeTimeout, "EnableTLS", Help::kEnable},
    Action{reason::kTlsRefused, "AdmitTLS", Help::kNone},
    Action{reason::kServerRequiresTls, "ChangeMode", Help::kNone},
    Action{reason::kPlaintextAccepted, "RequireTLSAtServer", Help::kNone},
    Action{reason::kProtocolVersionTooLow, "UpgradeTLS", Help::kNone},
    Action{reason::kLegacyProtocolAccepted, "RaiseProtocolFloor", Help::kNone},
    Action{reason::kNoSharedCipher, "UpgradeTLS", Help::kNone},
    Action{reason::kUnknownIssuer, "TrustIssuer", Help::kNone},
    Action{reason::kSelfSignedInChain, "TrustIssuer", Help::kNone},
    Action{reason::kSelfSignedLeaf, "ReplaceServerCertificate", Help::kReload},
    Action{reason::kDefaultCertificate, "ReplaceServerCertificate", Help::kReload},
    Action{reason::kInvalidSignature, "ReplaceServerCertificate", Help::kReload},
    Action{reason::kInvalidChain, "ReplaceServerCertificate", Help::kReload},
    Action{reason::kCertificateInvalid, "ReplaceServerCertificate", Help::kReload},
    Action{reason::kWrongPurpose, "ReplaceServerCertificate", Help::kReload},
    Action{reason::kWeakKey, "ReplaceServerCertificate", Help::kReload},
    Action{reason::kWeakSignature, "ReplaceServerCertificate", Help::kReload},
    Action{reason::kCertificateRevoked, "ReplaceServerCertificate", Help::kReload},
    Action{reason::kCaUsedForServer, "ReplaceServerCertificate", Help::kReload},
    Action{reason::kChainOutOfOrder, "TidyServedChain", Help::kReload},
    Action{reason::kUnneededCertificate, "TidyServedChain", Help::kReload},
    Action{reason::kRootSent, "TidyServedChain", Help::kReload},
    Action{reason::kStapleStale, "RenewStaple", Help::kNone},
    Action{reason::kStapleInvalid, "RenewStaple", Help::kNone},
    Action{reason::kStapleMissing, "RenewStaple", Help::kNone},
    Action{reason::kRevocationListStale, "RenewRevocationList", Help::kNone},
    Action{reason::kRevocationListUnusable, "RenewRevocationList", Help::kNone},
    Action{reason::kIncompleteChain, "SendIntermediate", Help::kReload},
    Action{reason::kIntermediateNotSent, "SendIntermediate", Help::kReload},
    Action{reason::kCertificateExpired, "RotateServerCertificate", Help::kReload},
    Action{reason::kCertificateExpiring, "RotateServerCertificate", Help::kReload},
    Action{reason::kCertificateNotYetValid, "CheckClocks", Help::kReload},
    Action{reason::kIntermediateExpired, "RotateIntermediate", Help::kReload},
    Action{reason::kIntermediateExpiring, "RotateIntermediate", Help::kReload},
    Action{reason::kNextCaUnusable, "ReplaceNextCA", Help::kNone},
    Action{reason::kBundleMissingNextCa, "AddNextCA", Help::kNone},
    Action{reason::kOldCaStillNeeded, "IssueUnderNextCA", Help::kReload},
    Action{reason::kSafeToSwitch, "SwitchToNextCA", Help::kNone},
    Action{reason::kCaExpired, "RotateCA", Help::kReloadCa},
    Action{reason::kCaExpiring, "RotateCA", Help::kReloadCa},
    Action{reason::kRotationPending, "ReloadServer", Help::kReload},
    Action{reason::kMembersDiffer, "AlignMembers", Help::kReload},
    Action{reason::kDeclaredCertificateUnfit, "ReplaceDeclaredCertificate", Help::kNone},
    Action{reason::kServedCertificateDiffers, "InvestigateCertificate", Help::kReload},
    Action{reason::kCertificateReverted, "InvestigateCertificate", Help::kReload},
    Action{reason::kClientCertificateExpired, "RotateClientCertificate", Help::kNone},
    Action{reason::kClientCertificateExpiring, "RotateClientCertificate", Help::kNone},
    Action{reason::kClientCertificateRequired, "ProvideClientCertificate", Help::kNone},
    Action{reason::kClientCertificateRejected, "ReplaceClientCertificate", Help::kNone},
    Action{reason::kClientCertificateNotYetValid, "ReplaceClientCertificate", Help::kNone},
    Action{reason::kClientCertificateWrongPurpose, "ReplaceClientCertificate", Help::kNone},
    Action{reason::kClientCertificateSelfSigned, "ReplaceClientCertificate", Help::kNone},
    Action{reason::kClientCertificateChainBroken, "CompleteClientChain", Help::kNone},
    Action{reason::kClientKeyPermissions, "ProtectClientKey", Help::kNone},
    Action{reason::kHostnameMismatch, "ReissueWithName", Help::kReload},
    Action{reason::kCommonNameOnly, "AddSubjectAlternativeName", Help::kReload},
    Action{reason::kCredentialsRequired, "DeclareCredentials", Help::kGrant},
    Action{reason::kVersionUnknown, "DeclareCredentials", Help::kGrant},
    Action{reason::kAuthenticationFailed, "CorrectCredentials", Help::kGrant},
    Action{reason::kAccessRefused, "CorrectCredentials", Help::kGrant},
    Action{reason::kDatabaseNotFound, "CorrectCredentials", Help::kNone},
    Action{reason::kEncryptionUnconfirmed, "GrantInsight", Help::kGrant},
    Action{reason::kSessionNotEncrypted, "EnableTLS", Help::kEnable},
    Action{reason::kVersionMismatch, "AlignVersion", Help::kNone},
    Action{reason::kPlaintextNotChecked, "EnablePlaintextCheck", Help::kNone},
    Action{reason::kHandshakeFailure, "ReadServerLog", Help::kNone},
    Action{reason::kServerError, "ReadServerLog", Help::kNone},
    Action{reason::kStrongerModeWorks, "ChangeMode", Help::kNone},
    Action{reason::kFallbackToPlaintext, "ChangeMode", Help::kNone},
    Action{reason::kMaintenanceWindowInvalid, "CorrectMaintenanceWindow", Help::kNone},
    Action{reason::kNoMaintenanceWindow, "AddMaintenanceWindow", Help::kNone},
    Action{reason::kRotationNeverFits, "AdjustRotation", Help::kNone},
};

const Action& action_for(std::string_view reason) {
  static constexpr Action kOther{"", "ResolveProblem", Help::kNone};
  const auto found = std::find_if(kActions.begin(), kActions.end(),
                                  [&](const Action& action) { return reason == action.reason; });
  return found == kActions.end() ? kOther : *found;
}

/// Where a service runs the database, its operator is who reloads and enables.
std::vector<std::string> help_steps(Help help, const Assessment& a, const resource::ProviderFacts* service) {
  std::vector<std::string> steps;
  switch (help) {
    case Help::kNone:
      break;
    case Help::kReload:
      return serving_steps(a.input);
    case Help::kReloadCa:
      steps = serving_steps(a.input);
      if (service == nullptr) steps.insert(steps.begin(), client_ca_step(a.input));
      break;
    case Help::kEnable:
      steps.push_back(service != nullptr ? service->title + ": " + service->change : a.facts.enable);
      break;
    case Help::kGrant:
      steps.push_back(a.facts.grant);
      break;
  }
  return steps;
}

/// A step of a reason's entry may be for some engines only: "MySQL and MariaDB: …".
bool concerns(const std::string& step, const resource::EngineFacts& facts) {
  const std::size_t colon = step.find(": ");
  if (colon == std::string::npos) return true;
  const std::string head = step.substr(0, colon);
  const auto names = [&](const std::string& title) {
    return head == title || head.starts_with(title + " and ") || head.ends_with(" and " + title);
  };
  const bool for_some =
      std::any_of(resource::kAllEngines.begin(), resource::kAllEngines.end(),
                  [&](resource::Engine engine) { return names(resource::engine_facts(engine).title); });
  return !for_some || names(facts.title);
}

/// Where the certificate of the issuing CA comes from.
std::string trust_step(const Assessment& a, const resource::ProviderFacts* service) {
  const bool declared = a.input.material.ca_declared;
  if (service == nullptr)
    return declared ? std::string() : "declare the certificate of the issuing CA in spec.tls.ca";
  const std::string name = "this is " + service->title + ": ";
  switch (service->trust) {
    case resource::ProviderTrust::kBundle:
      return name + "get " + service->ca_file + " (" + service->ca_download + ") and set spec.tls.ca to it";
    case resource::ProviderTrust::kSystem:
      return declared ? name +
                            "remove spec.tls.ca, as its certificates are issued by public CAs that the "
                            "system's trust store holds"
                      : name + "update the system's trust store (ca-certificates), which should hold its CA";
    case resource::ProviderTrust::kNone:
      return name + "it offers no CA to verify with, so require is the strongest mode there";
  }
  return {};
}

/// The next step made concrete where the observation allows it.
std::string concrete_step(const Finding& finding, const Assessment& a,
                          const resource::ProviderFacts* service) {
  if (!finding.next.empty()) return finding.next;
  const std::string& name = verified_name(a.input);
  if (finding.reason == reason::kHostnameMismatch && a.identity) {
    const pki::CertificateFacts& leaf = a.identity->path.front()->facts;
    std::string step = "reissue the certificate with " + name + " as subject alternative name";
    if (!leaf.dns_names.empty()) step += ", or set spec.tls.serverName to " + leaf.dns_names.front();
    return step;
  }
  if (finding.reason == reason::kCommonNameOnly) {
    return "reissue the certificate with " + name + " as subject alternative name";
  }
  const bool at_a_service = finding.reason == reason::kSelfSignedLeaf && service != nullptr;
  if (at_a_service || finding.reason == reason::kUnknownIssuer ||
      finding.reason == reason::kSelfSignedInChain) {
    std::string step = trust_step(a, service);
    if (!step.empty()) return step;
  }
  return next_step(finding.reason);
}

}  // namespace

resource::Advice advise(const Finding& finding, resource::Urgency urgency, const Assessment& a) {
  const Action& action = action_for(finding.reason);
  const resource::ProviderFacts* service = resource::provider_of(a.input.endpoint.spec);
  resource::Advice advice;
  advice.action = action.name;
  advice.urgency = urgency;
  advice.reason = finding.reason;
  advice.message = compose(finding.sentence, concrete_step(finding, a, service), finding.peer_text);
  if (!finding.hint.empty()) advice.steps.push_back(compose(finding.hint));
  if (const Reason* known = find_reason(finding.reason)) {
    std::copy_if(known->steps.begin(), known->steps.end(), std::back_inserter(advice.steps),
                 [&](const std::string& step) { return concerns(step, a.facts); });
  }
  if (service != nullptr && finding.reason == reason::kHostnameMismatch)
    advice.steps.push_back(service->title + ": " + service->names);
  std::vector<std::string> help = help_steps(action.help, a, service);
  std::move(help.begin(), help.end(), std::back_inserter(advice.steps));
  return advice;
}

}  // namespace tlswarden::verdict

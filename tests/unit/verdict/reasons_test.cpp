#include "verdict/reasons.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "verdict/failure_reasons.hpp"
#include "verdict/reason_names.hpp"
#include "verdict/wording.hpp"

namespace tlswarden::verdict {
namespace {

std::set<std::string> declared_names() {
  std::ifstream file(TLSWARDEN_SOURCE_DIR "/agent/verdict/reason_names.hpp");
  std::stringstream content;
  content << file.rdbuf();
  const std::string text = content.str();
  const std::regex constant(R"(constexpr const char\* k\w+ =\s*"(\w+)\";)");
  std::set<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), constant), end; it != end; ++it)
    names.insert((*it)[1]);
  return names;
}

TEST(Reasons, EveryConstantHasAnEntryAndEveryEntryAConstant) {
  std::set<std::string> entries;
  for (const Reason& reason : all_reasons())
    entries.insert(reason.name);
  EXPECT_EQ(entries.size(), all_reasons().size()) << "a name occurs twice";
  EXPECT_EQ(entries, declared_names());
}

TEST(Reasons, EveryEntrySaysWhatItMeansWhyAndWhatToDo) {
  for (const Reason& reason : all_reasons()) {
    for (const std::string* text : {&reason.summary, &reason.cause, &reason.advice}) {
      EXPECT_TRUE(text->ends_with('.')) << reason.name << ": " << *text;
      EXPECT_EQ(text->find('\n'), std::string::npos) << reason.name;
    }
    for (const std::string& step : reason.steps)
      EXPECT_FALSE(step.empty()) << reason.name;
  }
}

TEST(Reasons, CoverTheWholeApiReference) {
  for (const char* name : {"DNSFailure",
                           "ConnectionRefused",
                           "ConnectTimeout",
                           "HandshakeTimeout",
                           "ConnectionReset",
                           "NotTLS",
                           "TLSNotSupported",
                           "ServerRequiresTLS",
                           "PlaintextAccepted",
                           "ProtocolVersionTooLow",
                           "NoSharedCipher",
                           "HandshakeFailure",
                           "UnknownIssuer",
                           "SelfSignedLeaf",
                           "SelfSignedInChain",
                           "IncompleteChain",
                           "CertificateExpired",
                           "CertificateNotYetValid",
                           "IntermediateExpired",
                           "CAExpiring",
                           "HostnameMismatch",
                           "WrongPurpose",
                           "WeakKey",
                           "WeakSignature",
                           "DefaultCertificate",
                           "ClientCertificateRequired",
                           "ClientCertificateRejected",
                           "ClientKeyMismatch",
                           "ClientKeyEncrypted",
                           "PassphraseIncorrect",
                           "ReferenceNotFound",
                           "ReferenceInvalid",
                           "AuthenticationFailed",
                           "VersionMismatch",
                           "VersionUnknown",
                           "CredentialsRequired",
                           "PreferHasNoFallback",
                           "FallbackToPlaintext",
                           "RotationPending",
                           "MembersDiffer",
                           "Suspended"}) {
    EXPECT_NE(find_reason(name), nullptr) << name;
  }
}

TEST(Reasons, AreFoundWhateverTheCase) {
  ASSERT_NE(find_reason("hostnamemismatch"), nullptr);
  EXPECT_EQ(find_reason("hostnamemismatch")->name, "HostnameMismatch");
  EXPECT_EQ(find_reason("NoSuchReason"), nullptr);
}

TEST(Reasons, AreFoundByTheWordingOfOtherPrograms) {
  const std::pair<const char*, const char*> cases[] = {
      {"psql: error: FATAL:  no pg_hba.conf entry for host \"10.0.0.1\", user \"app\", database \"orders\", "
       "no encryption",
       "ServerRequiresTLS"},
      {"FATAL:  no pg_hba.conf entry for host \"10.0.0.1\", user \"app\", database \"orders\", SSL "
       "encryption",
       "TLSRefused"},
      {"ERROR 3159 (HY000): Connections using insecure transport are prohibited while "
       "--require_secure_transport=ON.",
       "ServerRequiresTLS"},
      {"Error: self signed certificate in certificate chain", "SelfSignedInChain"},
      {"code: 'DEPTH_ZERO_SELF_SIGNED_CERT'", "SelfSignedLeaf"},
      {"code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'", "UnknownIssuer"},
      {"error:0A00010B:SSL routines::wrong version number", "NotTLS"},
      {"server certificate for \"localhost\" (and 2 other names) does not match host name \"bad.example\"",
       "HostnameMismatch"},
      {"ERROR 2026 (HY000): TLS/SSL error: Validation of SSL server certificate failed", "HostnameMismatch"},
      {"certificate has expired", "CertificateExpired"},
      {"SSL error: tlsv1 alert unknown ca", "ClientCertificateRejected"},
      {"ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "ClientCertificateRequired"},
      {"could not load private key file \"/k.pem\": bad decrypt", "PassphraseIncorrect"},
      {"server does not support SSL, but SSL was required", "TLSNotSupported"},
  };
  for (const auto& [wording, name] : cases) {
    const auto found = find_reasons_by_wording(wording);
    ASSERT_FALSE(found.empty()) << wording;
    EXPECT_EQ(found.front()->name, name) << wording;
  }
  EXPECT_TRUE(find_reasons_by_wording("all is well").empty());
}

// The messages that the guides of SQL clients list, as a user copies them from there.
TEST(Reasons, AreFoundByTheMessagesOfGuides) {
  const std::pair<const char*, const char*> cases[] = {
      {"UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UnknownIssuer"},
      {"DEPTH_ZERO_SELF_SIGNED_CERT", "SelfSignedLeaf"},
      {"CERT_HAS_EXPIRED", "CertificateExpired"},
      {"Server certificate expired", "CertificateExpired"},
      {"Hostname/IP doesn't match certificate's altnames", "HostnameMismatch"},
      {"Hostname/IP doesn\u2019t match certificate\u2019s altnames", "HostnameMismatch"},
      {"SSL routines::wrong version number", "NotTLS"},
      {"FATAL: no pg_hba.conf entry for host ... no encryption", "ServerRequiresTLS"},
      {"FATAL: no pg\\_hba.conf entry for host \u2026 no encryption", "ServerRequiresTLS"},
      {"no pg_hba.conf entry ... no encryption", "ServerRequiresTLS"},
      {"no pg_hba.conf no encryption", "ServerRequiresTLS"},
      {"Connections using insecure transport are prohibited", "ServerRequiresTLS"},
      {"SSL handshake failed", "HandshakeFailure"},
      {"tls handshake failed", "HandshakeFailure"},
      {"certificate verify failed", "UnknownIssuer"},
      {"self-signed certificate", "SelfSignedLeaf"},
      {"\"hostname does not match certificate\"", "HostnameMismatch"},
      {"client certificate required", "ClientCertificateRequired"},
      {"client private key is encrypted", "ClientKeyEncrypted"},
      {"passphrase is incorrect", "PassphraseIncorrect"},
  };
  for (const auto& [wording, name] : cases) {
    const auto found = find_reasons_by_wording(wording);
    ASSERT_FALSE(found.empty()) << wording;
    EXPECT_EQ(found.front()->name, name) << wording;
  }
}

TEST(Reasons, WithTheSameWordingAreAllFound) {
  const auto found = find_reasons_by_wording("code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'");
  ASSERT_EQ(found.size(), 2);
  EXPECT_EQ(found[0]->name, "UnknownIssuer");
  EXPECT_EQ(found[1]->name, "IncompleteChain");
}

TEST(Wording, FitsWholeBeforeShortenedBeforeWordsInOrder) {
  using Kind = WordingFit::Kind;
  constexpr const char* kKnown = "certificate file \"...\" does not exist";
  EXPECT_EQ(fit_wording("ERROR: certificate  file '/a.pem', does not exist!", kKnown).kind, Kind::kWhole);
  EXPECT_EQ(fit_wording("file ... does not", kKnown).kind, Kind::kShortened);
  EXPECT_EQ(fit_wording("cert not exist", kKnown).kind, Kind::kWordsInOrder);
  EXPECT_EQ(fit_wording("exist not certificate", kKnown).kind, Kind::kNone);
  EXPECT_GT(fit_wording("file does exist", kKnown), WordingFit{});
}

TEST(Wording, TakesNoPlainWordForAMessage) {
  EXPECT_EQ(fit_wording("certificate", "certificate required"), WordingFit{});
  EXPECT_EQ(fit_wording("", "certificate required"), WordingFit{});
  EXPECT_EQ(fit_wording("...", "certificate required"), WordingFit{});
  EXPECT_GT(fit_wording("UNABLE_TO_GET_ISSUER", "UNABLE_TO_GET_ISSUER_CERT"), WordingFit{});
}

TEST(FailureReasons, EveryStageAndCauseHasAReasonWithAnEntry) {
  for (int stage = 0; stage <= static_cast<int>(probe::Stage::kSession); ++stage) {
    for (int cause = 0; cause <= static_cast<int>(probe::Cause::kInternal); ++cause) {
      const probe::Failure failure{
          static_cast<probe::Stage>(stage), static_cast<probe::Cause>(cause), {}, {}, {}};
      const Finding finding = describe(failure);
      EXPECT_NE(find_reason(finding.reason), nullptr) << finding.reason;
      EXPECT_FALSE(finding.sentence.empty()) << finding.reason;
    }
  }
}

TEST(FailureReasons, ATimeoutIsNamedByItsStage) {
  using probe::Cause;
  using probe::Stage;
  EXPECT_STREQ(reason_for(Stage::kResolve, Cause::kTimedOut), reason::kDnsFailure);
  EXPECT_STREQ(reason_for(Stage::kConnect, Cause::kTimedOut), reason::kConnectTimeout);
  EXPECT_STREQ(reason_for(Stage::kNegotiate, Cause::kTimedOut), reason::kNegotiationTimeout);
  EXPECT_STREQ(reason_for(Stage::kHandshake, Cause::kTimedOut), reason::kHandshakeTimeout);
  EXPECT_STREQ(reason_for(Stage::kSession, Cause::kTimedOut), reason::kLoginTimeout);
  EXPECT_STREQ(reason_for(Stage::kTunnel, Cause::kTimedOut), reason::kTunnelUnreachable);
}

TEST(FailureReasons, WhatFailsOnTheWayToTheBastionIsNotTheDatabases) {
  using probe::Cause;
  using probe::Stage;
  for (const Cause cause :
       {Cause::kNameNotFound, Cause::kResolverFailure, Cause::kConnectionRefused, Cause::kConnectionReset,
        Cause::kNetworkUnreachable, Cause::kPeerClosed, Cause::kNotThisProtocol, Cause::kTunnelLost}) {
    EXPECT_STREQ(reason_for(Stage::kTunnel, cause), reason::kTunnelUnreachable);
  }
  EXPECT_STREQ(reason_for(Stage::kTunnel, Cause::kCancelled), reason::kCheckCancelled);
  EXPECT_STREQ(reason_for(Stage::kSession, Cause::kForwardingRefused), reason::kTunnelForwardingRefused);
  EXPECT_FALSE(refuses_login(Cause::kTunnelKeyRefused));
}

TEST(FailureReasons, AServerThatSaysNoWasReachedAndOneThatIsBusyWasNot) {
  using probe::Cause;
  using probe::Stage;
  const auto seen = [](Stage stage, Cause cause) {
    probe::Observation observation;
    observation.failure = probe::Failure{stage, cause, {}, {}, {}};
    return reached(observation);
  };
  EXPECT_TRUE(reached(probe::Observation{}));
  EXPECT_TRUE(seen(Stage::kNegotiate, Cause::kTlsNotOffered));
  EXPECT_TRUE(seen(Stage::kHandshake, Cause::kTimedOut));
  EXPECT_TRUE(seen(Stage::kProtocolStep, Cause::kClientCertificateRequired));
  EXPECT_FALSE(seen(Stage::kResolve, Cause::kNameNotFound));
  EXPECT_FALSE(seen(Stage::kConnect, Cause::kConnectionRefused));
  EXPECT_FALSE(seen(Stage::kNegotiate, Cause::kTimedOut));
  EXPECT_FALSE(seen(Stage::kNegotiate, Cause::kHostBlocked));
  EXPECT_FALSE(seen(Stage::kProtocolStep, Cause::kServerStarting));
  EXPECT_FALSE(seen(Stage::kTunnel, Cause::kHostKeyUnknown));
  EXPECT_FALSE(seen(Stage::kHandshake, Cause::kTunnelLost));
  EXPECT_FALSE(seen(Stage::kNegotiate, Cause::kPeerClosed));
}

TEST(FailureReasons, AServerThatHangsUpOnTheQuestionButSpeaksWithoutTlsWasReached) {
  using probe::Cause;
  using probe::Stage;
  const base::WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};
  probe::Observation observation;
  observation.at = now;
  observation.failure = probe::Failure{Stage::kNegotiate, Cause::kPeerClosed, {}, {}, {}};
  observation.plaintext = probe::PlaintextObservation{probe::Tristate::kYes, {}, now, false};
  EXPECT_TRUE(reached(observation));
  observation.plaintext->accepted = probe::Tristate::kUnknown;
  EXPECT_FALSE(reached(observation));
  observation.plaintext->accepted = probe::Tristate::kYes;
  observation.plaintext->at = now - std::chrono::hours(1);
  EXPECT_FALSE(reached(observation)) << "that was another day";
  observation.plaintext->at = now;
  for (const auto& [stage, cause] : {std::pair{Stage::kConnect, Cause::kConnectionReset},
                                     std::pair{Stage::kNegotiate, Cause::kServerBusy}}) {
    observation.failure = probe::Failure{stage, cause, {}, {}, {}};
    EXPECT_FALSE(reached(observation));
  }
}

}  // namespace
}  // namespace tlswarden::verdict

#include "verdict/conditions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/verdict/scenario.hpp"
#include "verdict/failure_reasons.hpp"
#include "verdict/reason_names.hpp"
#include "verdict/reasons.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using probe::Cause;
using probe::ClientCertificateOutcome;
using probe::Stage;
using probe::Tristate;
using resource::ConditionStatus;
using resource::Engine;
using resource::TlsMode;
using testing::HasSubstr;

constexpr auto kTrue = ConditionStatus::kTrue;
constexpr auto kFalse = ConditionStatus::kFalse;
constexpr auto kUnknown = ConditionStatus::kUnknown;

void expect(const resource::EndpointStatus& status, const char* type, ConditionStatus value,
            const char* reason) {
  const auto& found = condition_of(status, type);
  EXPECT_EQ(found.status, value) << type << ": " << found.message;
  EXPECT_EQ(found.reason, reason) << type << ": " << found.message;
}

void expect_complete(const resource::EndpointStatus& status) {
  ASSERT_EQ(status.conditions.size(), resource::kAllConditions.size());
  for (std::size_t i = 0; i < status.conditions.size(); ++i) {
    const auto& each = status.conditions[i];
    EXPECT_EQ(each.type, resource::kAllConditions.at(i));
    EXPECT_FALSE(each.message.empty()) << each.type;
    EXPECT_NE(find_reason(each.reason), nullptr) << each.type << " has the reason '" << each.reason << "'";
    EXPECT_EQ(each.observed_generation, 3) << each.type;
  }
  for (const auto& item : status.advice) {
    EXPECT_NE(find_reason(item.reason), nullptr) << item.action;
    EXPECT_FALSE(item.message.empty()) << item.action;
  }
}

TEST(Conditions, HealthyEndpointIsReady) {
  const auto status = Scenario().judge();
  expect_complete(status);
  expect(status, condition::kReady, kTrue, reason::kHealthy);
  expect(status, condition::kReachable, kTrue, reason::kConnected);
  expect(status, condition::kModeSatisfied, kTrue, reason::kModeWorks);
  expect(status, condition::kCertificateValid, kTrue, reason::kChainVerified);
  expect(status, condition::kClientCertificateValid, kUnknown, reason::kNotDeclared);
  expect(status, condition::kServerVersionMatched, kUnknown, reason::kNotDeclared);
  expect(status, condition::kSessionEncrypted, kUnknown, reason::kCredentialsRequired);
  expect(status, condition::kRotationRecommended, kFalse, reason::kRotationNotDue);
  expect(status, condition::kModeChangeRecommended, kFalse, reason::kModeIsStrongest);
  expect(status, condition::kReconciling, kFalse, reason::kCheckCompleted);
  expect(status, condition::kStalled, kFalse, reason::kProceeding);
  EXPECT_EQ(severity(status), Severity::kOk);
  EXPECT_EQ(status.observed_generation, 3);
  EXPECT_EQ(status.last_check_time, kNow);
  EXPECT_THAT(headline(status),
              testing::StartsWith("Mode verify-full works; the certificate expires on 2027-02-20"));
}

TEST(Conditions, ExpiredCertificateBreaksTheModesThatLookAtIt) {
  Scenario scenario;
  const auto status = scenario.serve_expired().judge();
  expect_complete(status);
  expect(status, condition::kReady, kFalse, reason::kCertificateExpired);
  expect(status, condition::kCertificateValid, kFalse, reason::kCertificateExpired);
  expect(status, condition::kRotationRecommended, kTrue, reason::kCertificateExpired);
  expect(status, condition::kModeChangeRecommended, kFalse, reason::kFixPreferred);
  EXPECT_EQ(headline(status), "Certificate expired on 2026-11-19; clients with verify-full are refused");
  EXPECT_EQ(severity(status), Severity::kCritical);
}

TEST(Conditions, ExpiredCertificateLeavesRequireReadyButCritical) {
  Scenario scenario(Engine::kMariadb, TlsMode::kRequire);
  const auto status = scenario.serve_expired().judge();
  expect(status, condition::kReady, kTrue, reason::kHealthy);
  expect(status, condition::kModeSatisfied, kTrue, reason::kModeWorks);
  expect(status, condition::kCertificateValid, kFalse, reason::kCertificateExpired);
  expect(status, condition::kRotationRecommended, kTrue, reason::kCertificateExpired);
  EXPECT_EQ(severity(status), Severity::kCritical);
  EXPECT_THAT(headline(status), HasSubstr("expired on 2026-11-19"));
}

TEST(Conditions, SelfSignedCertificateSatisfiesRequireAndIsOnlyAdvisedOn) {
  Scenario scenario(Engine::kMariadb, TlsMode::kRequire);
  const auto status = scenario.serve_self_signed().judge();
  expect(status, condition::kReady, kTrue, reason::kHealthy);
  expect(status, condition::kCertificateValid, kFalse, reason::kSelfSignedLeaf);
  EXPECT_EQ(severity(status), Severity::kOk);
  ASSERT_FALSE(status.advice.empty());
  EXPECT_EQ(status.advice.front().action, "ReplaceServerCertificate");
}

TEST(Conditions, EveryFaultInTheChainIsNamed) {
  Scenario scenario;
  const auto leaf = server_leaf("db.example.com", kNow - 90 * kDay, kNow - 3 * kDay);
  const auto status = scenario.serve({&leaf, &demo().intermediate}).judge();
  const auto& valid = condition_of(status, condition::kCertificateValid);
  EXPECT_THAT(valid.message, HasSubstr("expired on 2026-11-19"));
  EXPECT_THAT(valid.message, HasSubstr("not for localhost"));
}

TEST(Conditions, WrongNameIsFixedRatherThanTheModeWeakened) {
  Scenario scenario;
  const auto status = scenario.serve_for("db.example.com").judge();
  expect(status, condition::kReady, kFalse, reason::kHostnameMismatch);
  expect(status, condition::kModeChangeRecommended, kTrue, reason::kHostnameMismatch);
  EXPECT_THAT(condition_of(status, condition::kModeChangeRecommended).message, HasSubstr("interim"));
}

TEST(Conditions, AStrongerModeThatWorksIsRecommended) {
  const auto status = Scenario(Engine::kMariadb, TlsMode::kRequire).judge();
  expect(status, condition::kModeChangeRecommended, kTrue, reason::kStrongerModeWorks);
  EXPECT_EQ(severity(status), Severity::kWarning);
  EXPECT_EQ(headline(status), "verify-full would work today, but require is declared");
}

TEST(Conditions, DisableAgainstAServerThatDemandsTlsIsToBeChanged) {
  const auto status = Scenario(Engine::kPostgresql, TlsMode::kDisable).judge();
  expect(status, condition::kReady, kFalse, reason::kServerRequiresTls);
  expect(status, condition::kModeChangeRecommended, kTrue, reason::kServerRequiresTls);
  EXPECT_EQ(status.advice.front().action, "ChangeMode");
  EXPECT_THAT(status.advice.front().message, HasSubstr("to verify-full"));
}

TEST(Conditions, PreferThatSlipsToPlaintextIsSatisfiedWithAWarning) {
  Scenario scenario(Engine::kPostgresql, TlsMode::kPrefer);
  const auto status = scenario.serve_expired().accept_plaintext().judge();
  expect(status, condition::kModeSatisfied, kTrue, reason::kFallbackToPlaintext);
  expect(status, condition::kModeChangeRecommended, kTrue, reason::kFallbackToPlaintext);
  EXPECT_THAT(condition_of(status, condition::kModeSatisfied).message, HasSubstr("in plaintext"));
  EXPECT_NE(severity(status), Severity::kOk);
}

TEST(Conditions, PreferWithoutAFallbackSaysSo) {
  const auto status = Scenario(Engine::kRedis, TlsMode::kPrefer).judge();
  expect(status, condition::kModeSatisfied, kTrue, reason::kPreferHasNoFallback);
}

TEST(Conditions, TlsSwitchedOffMakesRequireFailWithTheFixForTheEngine) {
  Scenario scenario(Engine::kMariadb, TlsMode::kRequire);
  const auto status = scenario.tls_off().judge();
  expect(status, condition::kReachable, kTrue, reason::kConnected);
  expect(status, condition::kReady, kFalse, reason::kTlsNotSupported);
  expect(status, condition::kCertificateValid, kUnknown, reason::kTlsNotSupported);
  EXPECT_EQ(status.advice.front().action, "EnableTLS");
  EXPECT_THAT(status.advice.front().steps,
              testing::Contains(resource::engine_facts(Engine::kMariadb).enable));
}

TEST(Conditions, UnreachableTurnsFalseAtTheThreshold) {
  Scenario healthy;
  const auto last = healthy.judge();
  Scenario outage;
  outage.unreachable();
  outage.now = kNow + kDay;
  outage.history = {1, last};
  const auto held = outage.judge();
  expect_complete(held);
  expect(held, condition::kReachable, kTrue, reason::kConnected);
  expect(held, condition::kReady, kTrue, reason::kHealthy);
  expect(held, condition::kReconciling, kTrue, reason::kRetrying);
  EXPECT_EQ(outcomes(held), "RWWWW");
  EXPECT_EQ(severity(held), Severity::kOk);

  outage.history = {2, held};
  const auto failed = outage.judge();
  expect_complete(failed);
  expect(failed, condition::kReachable, kFalse, reason::kConnectionRefused);
  expect(failed, condition::kReady, kFalse, reason::kConnectionRefused);
  expect(failed, condition::kModeSatisfied, kUnknown, reason::kConnectionRefused);
  expect(failed, condition::kReconciling, kFalse, reason::kCheckCompleted);
  EXPECT_EQ(condition_of(failed, condition::kReady).last_transition, kNow + kDay);
}

TEST(Conditions, TheFirstFailureCountsWhenNothingWasTrueBefore) {
  Scenario first;
  first.unreachable();
  first.history.consecutive_failures = 1;
  expect(first.judge(), condition::kReachable, kFalse, reason::kConnectionRefused);
  first.history.previous = unvisited(first.endpoint, kNow);
  expect(first.judge(), condition::kReachable, kFalse, reason::kConnectionRefused);
}

TEST(Conditions, AnOutageKeepsWhatWasKnownOfTheCertificate) {
  Scenario outage;
  outage.history = {2, Scenario().judge()};
  outage.unreachable();
  auto status = outage.judge();
  expect(status, condition::kCertificateValid, kTrue, reason::kChainVerified);
  EXPECT_THAT(condition_of(status, condition::kCertificateValid).message, HasSubstr("As last seen"));
  const std::string once = condition_of(status, condition::kCertificateValid).message;
  outage.history = {3, status};
  EXPECT_EQ(condition_of(outage.judge(), condition::kCertificateValid).message, once) << "no second remark";
}

/// Of a server whose TLS starts with the first byte nothing is heard then: a proxy that has lost it, or a
/// hang.
class BrokenOff : public testing::TestWithParam<probe::Cause> {};
INSTANTIATE_TEST_SUITE_P(Causes, BrokenOff,
                         testing::Values(probe::Cause::kPeerClosed, probe::Cause::kConnectionReset,
                                         probe::Cause::kTimedOut),
                         [](const auto& param) {
                           return "Cause" + std::to_string(static_cast<int>(param.param));
                         });

TEST_P(BrokenOff, AHandshakeCountsTowardsTheThresholdAndForgetsNoExpiry) {
  Scenario scenario(Engine::kRedis);
  scenario.endpoint.spec.failure_threshold = 3;
  scenario.now = kNow + 85 * kDay;
  const auto before = scenario.judge();
  expect(before, condition::kRotationRecommended, kTrue, reason::kCertificateExpiring);
  scenario.unreachable();
  scenario.observation.failure =
      probe::Failure{probe::Stage::kHandshake, GetParam(), "It broke off.", {}, {}};
  scenario.history = {2, before};
  auto status = scenario.judge();
  expect(status, condition::kReady, kTrue, reason::kHealthy);
  expect(status, condition::kReconciling, kTrue, reason::kRetrying);
  for (int failures = 3; failures < 6; ++failures) {
    scenario.history = {failures, status};
    status = scenario.judge();
    expect(status, condition::kModeSatisfied, kFalse, reason_for(probe::Stage::kHandshake, GetParam()));
    expect(status, condition::kCertificateValid, kTrue, reason::kChainVerified);
    expect(status, condition::kRotationRecommended, kTrue, reason::kCertificateExpiring);
    ASSERT_TRUE(status.tls) << failures;
    EXPECT_EQ(status.expiry->not_after, before.expiry->not_after) << failures;
  }
}

TEST(Conditions, ACertificateThatExpiresDuringAnOutageTurnsInvalid) {
  Scenario outage;
  outage.history = {2, Scenario().judge()};
  outage.unreachable();
  outage.now = kNow + 100 * kDay;
  expect(outage.judge(), condition::kCertificateValid, kFalse, reason::kCertificateExpired);
}

TEST(Conditions, TransitionTimeMovesOnlyWithTheStatus) {
  Scenario scenario;
  const auto first = scenario.judge();
  scenario.history.previous = first;
  scenario.now = kNow + base::Seconds(300);
  for (const auto& each : scenario.judge().conditions)
    EXPECT_EQ(each.last_transition, kNow) << each.type;
  scenario.serve_expired();
  const auto broken = scenario.judge();
  EXPECT_EQ(condition_of(broken, condition::kReady).last_transition, scenario.now);
  EXPECT_EQ(condition_of(broken, condition::kReachable).last_transition, kNow);
}

TEST(Conditions, ClientCertificateIsJudgedByKeyDatesPurposeAndServer) {
  Scenario scenario;
  const auto client = [&](const char* usage, base::WallTime until) {
    const auto minted = test_support::mint({.common_name = "me",
                                            .not_before = kNow - 30 * kDay,
                                            .not_after = until,
                                            .extended_key_usage = std::vector<std::string>{usage}},
                                           &demo().root);
    scenario.endpoint.spec.tls.client_certificate = resource::Reference{};
    scenario.material.client_certificates = test_support::chain_of({&minted});
    scenario.material.client =
        pki::ClientIdentity{scenario.material.client_certificates, minted.private_key()};
    return scenario.judge();
  };
  scenario.observation.client_certificate = ClientCertificateOutcome::kAccepted;
  expect(client("clientAuth", kNow + 300 * kDay), condition::kClientCertificateValid, kTrue,
         reason::kClientCertificateAccepted);
  expect(client("clientAuth", kNow - kDay), condition::kReady, kFalse, reason::kClientCertificateExpired);
  expect(client("serverAuth", kNow + 300 * kDay), condition::kClientCertificateValid, kFalse,
         reason::kClientCertificateWrongPurpose);
  scenario.observation.client_certificate = ClientCertificateOutcome::kNotRequested;
  expect(client("clientAuth", kNow + 300 * kDay), condition::kClientCertificateValid, kTrue,
         reason::kClientCertificateUsable);
  scenario.observation.client_certificate = ClientCertificateOutcome::kRejected;
  scenario.fail(Stage::kProtocolStep, Cause::kClientCertificateRejected, "48");
  expect(client("clientAuth", kNow + 300 * kDay), condition::kReady, kFalse,
         reason::kClientCertificateRejected);
}

TEST(Conditions, EveryMaterialProblemHasItsReason) {
  using Kind = pki::MaterialProblem::Kind;
  for (const auto& [kind, name] : {std::pair{Kind::kReferenceNotFound, reason::kReferenceNotFound},
                                   {Kind::kReferenceInvalid, reason::kReferenceInvalid},
                                   {Kind::kKeyMismatch, reason::kClientKeyMismatch},
                                   {Kind::kKeyEncrypted, reason::kClientKeyEncrypted},
                                   {Kind::kPassphraseIncorrect, reason::kPassphraseIncorrect}}) {
    Scenario scenario;
    scenario.material.problems.push_back({kind, "spec.tls.clientKey", "It cannot be used."});
    const auto status = scenario.judge();
    expect(status, condition::kReady, kFalse, name);
    expect(status, condition::kClientCertificateValid, kFalse, name);
    EXPECT_EQ(status.advice.front().reason, name);
  }
}

TEST(Conditions, VersionIsComparedAndItsAbsenceIsNotAMatch) {
  Scenario scenario(Engine::kMariadb);
  scenario.endpoint.spec.expected_server_version = ">=10.6 <11";
  scenario.observation.server_version = "5.5.5-10.11.19-MariaDB-0+deb12u1";
  auto status = scenario.judge();
  expect(status, condition::kServerVersionMatched, kTrue, reason::kVersionMatched);
  EXPECT_EQ(status.server.version, "10.11.19");
  scenario.observation.server_version = "11.4.2-MariaDB";
  status = scenario.judge();
  expect(status, condition::kReady, kFalse, reason::kVersionMismatch);
  EXPECT_EQ(severity(status), Severity::kCritical);
  scenario.observation.server_version.clear();
  status = scenario.judge();
  expect(status, condition::kReady, kUnknown, reason::kCredentialsRequired);
  EXPECT_EQ(severity(status), Severity::kUnknown);
}

TEST(Conditions, TheServersWordOnEncryptionIsFinal) {
  Scenario scenario;
  scenario.login().logged_in = true;
  scenario.login().encrypted = Tristate::kYes;
  scenario.login().protocol = "TLSv1.3";
  auto status = scenario.judge();
  expect(status, condition::kSessionEncrypted, kTrue, reason::kEncryptionConfirmed);
  EXPECT_EQ(status.server.encrypted_session, true);
  scenario.login().encrypted = Tristate::kNo;
  status = scenario.judge();
  expect(status, condition::kReady, kFalse, reason::kSessionNotEncrypted);
  scenario.login().encrypted = Tristate::kUnknown;
  expect(scenario.judge(), condition::kSessionEncrypted, kUnknown, reason::kEncryptionUnconfirmed);
}

TEST(Conditions, ASessionThatIsDeclaredPlainBlamesNoProxy) {
  Scenario scenario(Engine::kPostgresql, TlsMode::kDisable);
  scenario.login().logged_in = true;
  scenario.login().encrypted = Tristate::kNo;
  const std::string message = condition_of(scenario.judge(), condition::kSessionEncrypted).message;
  EXPECT_THAT(message, HasSubstr("as disable declares. Next: declare require"));
  EXPECT_THAT(message, testing::Not(HasSubstr("proxy")));
}

TEST(Conditions, WhereTheServerDoesNotSayOurSideOfTheSessionIsTold) {
  const std::pair<TlsMode, const char*> cases[] = {{TlsMode::kVerifyFull, "over TLS, as verify-full demands"},
                                                   {TlsMode::kRequire, "over TLS, as require demands"},
                                                   {TlsMode::kDisable, "without TLS, as disable declares"}};
  for (const auto& [mode, words] : cases) {
    Scenario scenario(Engine::kCockroachdb, mode);
    scenario.login().logged_in = true;
    EXPECT_THAT(condition_of(scenario.judge(), condition::kSessionEncrypted).message, HasSubstr(words));
  }
  Scenario either(Engine::kCockroachdb, TlsMode::kPrefer);
  either.login().logged_in = true;
  EXPECT_THAT(condition_of(either.judge(), condition::kSessionEncrypted).message,
              testing::Not(HasSubstr("on our side")));
}

TEST(Conditions, ARefusedLoginIsNotReady) {
  Scenario scenario;
  scenario.login().failure =
      probe::Failure{Stage::kSession, Cause::kAuthenticationFailed, "The password is refused.",
                     "password authentication failed", "28P01"};
  const auto status = scenario.judge();
  expect(status, condition::kReady, kFalse, reason::kAuthenticationFailed);
  EXPECT_THAT(condition_of(status, condition::kReady).message,
              HasSubstr("\nServer: \"password authentication failed\""));
  EXPECT_EQ(headline(status), "The password is refused");
}

TEST(Conditions, AnEngineThisBuildCannotCheckIsStalled) {
  Scenario scenario;
  scenario.unreachable().fail(Stage::kNegotiate, Cause::kUnsupported);
  const auto status = scenario.judge();
  expect(status, condition::kStalled, kTrue, reason::kEngineUnsupported);
  expect(status, condition::kReady, kFalse, reason::kEngineUnsupported);
}

TEST(Conditions, AnUnvisitedEndpointHasEveryConditionUnknown) {
  Scenario scenario;
  const auto status = unvisited(scenario.endpoint, kNow);
  expect_complete(status);
  expect(status, condition::kReady, kUnknown, reason::kFirstCheckPending);
  expect(status, condition::kReconciling, kTrue, reason::kFirstCheckPending);
  expect(status, condition::kStalled, kFalse, reason::kProceeding);
  EXPECT_EQ(severity(status), Severity::kUnknown);
  EXPECT_EQ(headline(status), "The endpoint has not been checked yet");
}

TEST(Conditions, ASuspendedEndpointKeepsTheDatesItWasLastSeenWith) {
  Scenario scenario;
  scenario.endpoint.status = scenario.judge();
  scenario.endpoint.spec.suspend = true;
  const auto status = unvisited(scenario.endpoint, kNow);
  expect_complete(status);
  expect(status, condition::kReady, kUnknown, reason::kSuspended);
  expect(status, condition::kReconciling, kFalse, reason::kSuspended);
  EXPECT_TRUE(status.expiry);
  EXPECT_TRUE(status.tls);
}

TEST(Judge, IsPureAndTheCacheChangesNothing) {
  Scenario scenario;
  scenario.serve_for("db.example.com").accept_plaintext();
  pki::VerificationCache cache;
  const JudgeInput input{scenario.endpoint, scenario.material, scenario.observation, scenario.history,
                         scenario.now};
  const auto first = judge(input, cache);
  const auto again = judge(input, cache);
  EXPECT_TRUE(resource::same_meaning(first, again));
  EXPECT_TRUE(resource::same_meaning(first, scenario.judge()));
  EXPECT_GE(cache.hits(), 1U);
}

}  // namespace
}  // namespace tlswarden::verdict

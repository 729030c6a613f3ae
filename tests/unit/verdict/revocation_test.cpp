#include "verdict/revocation.hpp"

#include <gmock/gmock.h>

#include "tests/support/mint_revocation.hpp"
#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using resource::ConditionStatus;
using resource::RevocationAnswer;
using resource::TlsMode;
using resource::Urgency;
using test_support::mint;
using test_support::mint_crl;
using test_support::mint_staple;
using test_support::Minted;
using test_support::StapleSpec;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

StapleSpec good_staple() {
  return {.subject = &demo().leaf,
          .issuer = &demo().intermediate,
          .this_update = kNow - kDay,
          .next_update = kNow + 6 * kDay};
}

StapleSpec revoked_staple() {
  StapleSpec spec = good_staple();
  spec.status = V_OCSP_CERTSTATUS_REVOKED;
  spec.revoked_at = kNow - 3 * kDay;
  spec.reason = CRL_REASON_KEY_COMPROMISE;
  return spec;
}

Scenario stapled(const StapleSpec& spec, TlsMode mode = TlsMode::kVerifyFull) {
  Scenario scenario(resource::Engine::kPostgresql, mode);
  scenario.observation.tls->staple = mint_staple(spec);
  return scenario;
}

Scenario with_lists(pki::RevocationLists lists) {
  Scenario scenario;
  scenario.material.trust =
      pki::make_trust_store(test_support::chain_of({&demo().root}), "Secret orders-ca", std::move(lists));
  return scenario;
}

test_support::CrlSpec list_of(std::vector<test_support::Revocation> revoked = {}) {
  return {.revoked = std::move(revoked), .this_update = kNow - kDay, .next_update = kNow + 6 * kDay};
}

const resource::Advice* advice_for(const resource::EndpointStatus& status, const char* reason) {
  for (const resource::Advice& item : status.advice) {
    if (item.reason == reason) return &item;
  }
  return nullptr;
}

/// The remark is told in the condition and the advice, and the mode works as it did. A stale list is a
/// warning that the table shows, since clients that use it are refused; anything else lets the endpoint be.
void expect_remark(const resource::EndpointStatus& status, const char* expected, Urgency urgency) {
  EXPECT_EQ(outcomes(status), "RWWWW");
  EXPECT_EQ(condition_of(status, condition::kReady).status, ConditionStatus::kTrue);
  const auto& valid = condition_of(status, condition::kCertificateValid);
  EXPECT_EQ(valid.status, ConditionStatus::kTrue);
  EXPECT_EQ(valid.reason, expected);
  const bool warned = expected == std::string_view(reason::kRevocationListStale);
  EXPECT_EQ(severity(status), warned ? Severity::kWarning : Severity::kOk);
  const resource::Advice* advice = advice_for(status, expected);
  ASSERT_NE(advice, nullptr);
  EXPECT_EQ(advice->urgency, urgency);
  EXPECT_EQ(advice->message.starts_with(headline(status)), warned) << headline(status);
}

/// A revoked certificate must go, and the engine's own client does not see it.
void expect_revoked(const resource::EndpointStatus& status) {
  EXPECT_EQ(outcomes(status), "RWWWW") << "libpq does not look";
  const auto& valid = condition_of(status, condition::kCertificateValid);
  EXPECT_EQ(valid.status, ConditionStatus::kFalse);
  EXPECT_EQ(valid.reason, reason::kCertificateRevoked);
  EXPECT_EQ(condition_of(status, condition::kReady).status, ConditionStatus::kTrue);
  EXPECT_EQ(severity(status), Severity::kCritical);
  EXPECT_THAT(headline(status), HasSubstr("revoked by its CA"));
  const resource::ModeRung& full = rung(status, TlsMode::kVerifyFull);
  EXPECT_EQ(full.reason, reason::kCertificateRevoked);
  EXPECT_THAT(full.message, HasSubstr("libpq (psql) connects all the same unless it is told to check this"));
  const resource::Advice* advice = advice_for(status, reason::kCertificateRevoked);
  ASSERT_NE(advice, nullptr);
  EXPECT_EQ(advice->urgency, Urgency::kNow);
  EXPECT_EQ(advice->action, "ReplaceServerCertificate");
}

TEST(Staple, ThatIsGoodStandsInTheStatusAlone) {
  const auto status = stapled(good_staple()).judge();
  EXPECT_EQ(condition_of(status, condition::kCertificateValid).reason, reason::kChainVerified);
  const resource::StapleStatus wanted{RevocationAnswer::kGood, kNow - kDay, kNow + 6 * kDay};
  EXPECT_EQ(status.tls->staple, wanted);
}

TEST(Staple, ThatIsAbsentIsNoMatter) {
  const auto status = Scenario().judge();
  EXPECT_FALSE(status.tls->staple);
  EXPECT_EQ(condition_of(status, condition::kCertificateValid).reason, reason::kChainVerified);
}

TEST(Staple, ThatRevokesAsksForAnotherCertificate) {
  const auto status = stapled(revoked_staple()).judge();
  expect_revoked(status);
  EXPECT_THAT(condition_of(status, condition::kCertificateValid).message,
              AllOf(HasSubstr("on 2026-11-19"), HasSubstr("(key compromise)"), HasSubstr("OCSP response")));
  EXPECT_EQ(status.tls->staple->answer, RevocationAnswer::kRevoked);
}

TEST(Staple, ThatRevokedIsBelievedAfterItsTime) {
  Scenario scenario = stapled(revoked_staple());
  scenario.now = scenario.observation.at = kNow + 10 * kDay;
  const auto status = scenario.judge();
  expect_revoked(status);
  EXPECT_EQ(advice_for(status, reason::kStapleStale), nullptr);
}

TEST(Staple, MattersToWhoeverVerifies) {
  const auto require = stapled(revoked_staple(), TlsMode::kRequire).judge();
  EXPECT_EQ(advice_for(require, reason::kCertificateRevoked)->urgency, Urgency::kNow);
  const auto disable = stapled(revoked_staple(), TlsMode::kDisable).judge();
  EXPECT_EQ(advice_for(disable, reason::kCertificateRevoked)->urgency, Urgency::kConsider);
}

TEST(Staple, ThatIsStaleIsRemarked) {
  Scenario scenario = stapled(good_staple());
  scenario.now = scenario.observation.at = kNow + 6 * kDay + pki::kStapleSkew;
  EXPECT_EQ(condition_of(scenario.judge(), condition::kCertificateValid).reason, reason::kChainVerified);
  scenario.now = scenario.observation.at += base::Seconds(1);
  expect_remark(scenario.judge(), reason::kStapleStale, Urgency::kSoon);
  EXPECT_TRUE(scenario.judge().tls->staple);
}

TEST(Staple, IsJudgedAsOfTheLook) {
  Scenario scenario = stapled(good_staple());
  // By now, or on another day that is asked about, the server has long had another.
  scenario.now = kNow + 30 * kDay;
  EXPECT_EQ(condition_of(scenario.judge(), condition::kCertificateValid).reason, reason::kChainVerified);
}

TEST(Staple, ThatCannotBeBelievedIsRemarkedAndNotShown) {
  Scenario rubbish;
  rubbish.observation.tls->staple = {1, 2, 3};
  StapleSpec other = good_staple(), self_signed = good_staple(), future = good_staple();
  other.subject = &demo().intermediate;
  self_signed.signer = &demo().leaf;
  future.this_update = kNow + kDay;
  for (const Scenario& scenario : {rubbish, stapled(other), stapled(self_signed), stapled(future)}) {
    const auto status = scenario.judge();
    expect_remark(status, reason::kStapleInvalid, Urgency::kPlanned);
    EXPECT_FALSE(status.tls->staple);
  }
}

TEST(Staple, ThatDoesNotKnowTheCertificateIsRemarked) {
  StapleSpec spec = good_staple();
  spec.status = V_OCSP_CERTSTATUS_UNKNOWN;
  const auto status = stapled(spec).judge();
  expect_remark(status, reason::kStapleInvalid, Urgency::kPlanned);
  EXPECT_EQ(status.tls->staple->answer, RevocationAnswer::kUnknown);
}

TEST(Staple, WithoutAnIssuerToAskIsLeftAlone) {
  Scenario scenario = stapled(good_staple());
  scenario.observation.tls->chain.resize(1);
  const auto status = scenario.judge();
  EXPECT_EQ(condition_of(status, condition::kCertificateValid).reason, reason::kIncompleteChain);
  EXPECT_EQ(advice_for(status, reason::kStapleInvalid), nullptr);
}

TEST(Staple, IsReadWithoutAnyTrust) {
  Scenario scenario = stapled(revoked_staple());
  scenario.material.trust = nullptr;
  EXPECT_NE(advice_for(scenario.judge(), reason::kCertificateRevoked), nullptr);
}

TEST(Staple, ThatWasPromisedIsMissed) {
  const Minted leaf = mint({.common_name = "localhost",
                            .dns_names = {"localhost"},
                            .not_before = kNow - kDay,
                            .not_after = kNow + 90 * kDay,
                            .adjust =
                                [](X509* certificate) {
                                  test_support::add_extension(certificate, NID_tlsfeature, "status_request");
                                }},
                           &demo().intermediate);
  Scenario scenario;
  scenario.serve({&leaf, &demo().intermediate});
  expect_remark(scenario.judge(), reason::kStapleMissing, Urgency::kSoon);
  StapleSpec spec = good_staple();
  spec.subject = &leaf;
  scenario.observation.tls->staple = mint_staple(spec);
  EXPECT_EQ(condition_of(scenario.judge(), condition::kCertificateValid).reason, reason::kChainVerified);
  // A handshake that broke off says nothing.
  scenario.observation.tls->staple.clear();
  scenario.observation.tls->finished = false;
  scenario.fail(probe::Stage::kHandshake, probe::Cause::kPeerClosed);
  EXPECT_EQ(advice_for(scenario.judge(), reason::kStapleMissing), nullptr);
}

TEST(RevocationList, ThatNamesTheLeafAsksForAnotherCertificate) {
  const auto status =
      with_lists({mint_crl(list_of({{&demo().leaf, kNow - 3 * kDay}}), demo().intermediate)}).judge();
  expect_revoked(status);
  EXPECT_THAT(condition_of(status, condition::kCertificateValid).message,
              AllOf(HasSubstr("The server's certificate was revoked"),
                    HasSubstr("a revocation list in spec.tls.ca (Secret orders-ca)")));
}

TEST(RevocationList, ThatNamesTheIntermediateSaysSo) {
  const auto status =
      with_lists({mint_crl(list_of({{&demo().intermediate, kNow - 3 * kDay}}), demo().root)}).judge();
  expect_revoked(status);
  EXPECT_THAT(condition_of(status, condition::kCertificateValid).message,
              AllOf(HasSubstr("The intermediate 'Demo Intermediate CA' was revoked"),
                    HasSubstr("Next: get a certificate from a CA that still stands")));
}

TEST(RevocationList, SaysNotWhatTheStapleSaid) {
  Scenario scenario = with_lists({mint_crl(list_of({{&demo().leaf, kNow - 3 * kDay}}), demo().intermediate)});
  scenario.observation.tls->staple = mint_staple(revoked_staple());
  const std::string message = condition_of(scenario.judge(), condition::kCertificateValid).message;
  EXPECT_EQ(message.find("was revoked"), message.rfind("was revoked"));
}

TEST(RevocationList, ThatIsStaleIsRemarked) {
  Scenario scenario = with_lists({mint_crl(list_of(), demo().intermediate)});
  EXPECT_EQ(condition_of(scenario.judge(), condition::kCertificateValid).reason, reason::kChainVerified);
  scenario.now = kNow + 7 * kDay;
  expect_remark(scenario.judge(), reason::kRevocationListStale, Urgency::kSoon);
}

TEST(RevocationList, ThatCannotBeUsedIsOnlyHintedAt) {
  test_support::CrlSpec spec = list_of({{&demo().leaf, kNow - 3 * kDay}});
  spec.adjust = [](X509_CRL* list) {
    test_support::add_extension(list, NID_issuing_distribution_point, "critical,indirectCRL:TRUE");
  };
  const auto status = with_lists({mint_crl(spec, demo().intermediate)}).judge();
  EXPECT_EQ(condition_of(status, condition::kCertificateValid).reason, reason::kChainVerified);
  const resource::Advice* advice = advice_for(status, reason::kRevocationListUnusable);
  ASSERT_NE(advice, nullptr);
  EXPECT_EQ(advice->urgency, Urgency::kConsider);
}

TEST(RevocationList, OfAStrangerIsNoMatter) {
  const Minted stranger =
      mint({.common_name = "Stranger CA", .not_before = kNow - kDay, .not_after = kNow + kDay, .ca = true});
  const auto status = with_lists({mint_crl(list_of({{&demo().leaf, kNow - kDay}}), stranger)}).judge();
  EXPECT_EQ(condition_of(status, condition::kCertificateValid).reason, reason::kChainVerified);
  EXPECT_THAT(status.advice, IsEmpty());
}

}  // namespace
}  // namespace tlswarden::verdict

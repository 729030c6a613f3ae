#include "verdict/drift.hpp"

#include <gmock/gmock.h>

#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using resource::ConditionStatus;
using resource::EndpointStatus;
using test_support::Minted;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr base::Seconds kHour{3600};

const Minted& old_leaf() {
  static const Minted leaf = server_leaf("localhost", kNow - 60 * kDay, kNow + 30 * kDay);
  return leaf;
}

const Minted& new_leaf() {
  static const Minted leaf = server_leaf("localhost", kNow - kDay, kNow + 89 * kDay);
  return leaf;
}

std::string prefix(const Minted& minted) {
  return minted.certificate->facts.sha256.substr(0, 16);
}

/// An endpoint that declares the new certificate, watched from check to check as the agent does.
class Drift : public testing::Test {
 protected:
  Drift() {
    scenario.endpoint.spec.rotation.reload_grace = kHour;
    declare({&new_leaf(), &demo().intermediate});
    scenario.serve({&old_leaf(), &demo().intermediate});
    scenario.history.previous = EndpointStatus{};
  }

  void declare(std::initializer_list<const Minted*> chain) {
    scenario.endpoint.spec.served_certificate = resource::Reference{};
    scenario.material.served_certificate = test_support::chain_of(chain);
  }
  void declare_nothing() {
    scenario.endpoint.spec.served_certificate.reset();
    scenario.material.served_certificate.clear();
  }
  void serve(const Minted& leaf) { scenario.serve({&leaf, &demo().intermediate}); }

  /// Checks once more, `later` after the last time.
  const resource::Condition& check(base::Seconds later = base::Seconds(0)) {
    scenario.now += later;
    scenario.observation.at = scenario.now;
    EndpointStatus status = scenario.judge();
    scenario.history.previous = std::move(status);
    return *scenario.history.previous->find(resource::condition::kServedCertificateMatched);
  }

  const EndpointStatus& status() const { return *scenario.history.previous; }
  const resource::Advice* advice(const char* action) const {
    for (const resource::Advice& item : status().advice) {
      if (item.action == action) return &item;
    }
    return nullptr;
  }

  Scenario scenario;
};

TEST_F(Drift, OfNothingDeclaredIsUnknown) {
  declare_nothing();
  EXPECT_EQ(check().reason, reason::kNotDeclared);
  EXPECT_EQ(check().status, ConditionStatus::kUnknown);
  EXPECT_FALSE(status().served_certificate);
}

TEST_F(Drift, TheDeclaredCertificateServedIsTrue) {
  serve(new_leaf());
  EXPECT_EQ(check().status, ConditionStatus::kTrue);
  EXPECT_EQ(check().reason, reason::kDeclaredCertificateServed);
  EXPECT_EQ(severity(status()), Severity::kOk);
  EXPECT_EQ(status().served_certificate->sha256, new_leaf().certificate->facts.sha256);
}

TEST_F(Drift, ANewerDeclaredCertificateHasTheGraceToBeLoaded) {
  const auto& waiting = check();
  EXPECT_EQ(waiting.status, ConditionStatus::kUnknown);
  EXPECT_EQ(waiting.reason, reason::kReloadAwaited);
  EXPECT_EQ(severity(status()), Severity::kOk);
  EXPECT_EQ(check(kHour - base::Seconds(1)).reason, reason::kReloadAwaited);
  const auto& pending = check(base::Seconds(1));
  EXPECT_EQ(pending.status, ConditionStatus::kFalse);
  EXPECT_EQ(pending.reason, reason::kRotationPending);
  EXPECT_THAT(pending.message, AllOf(HasSubstr(prefix(old_leaf())), HasSubstr(prefix(new_leaf())),
                                     HasSubstr("reload it with `SELECT pg_reload_conf();`")));
  EXPECT_EQ(severity(status()), Severity::kWarning);
  EXPECT_EQ(status().served_certificate->first_seen, kNow);
  const resource::Advice* item = advice("ReloadServer");
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item->urgency, resource::Urgency::kSoon);
  serve(new_leaf());
  EXPECT_EQ(check(base::Seconds(60)).status, ConditionStatus::kTrue);
}

TEST_F(Drift, AnotherDeclaredCertificateStartsTheGraceAnew) {
  check();
  EXPECT_EQ(check(2 * kHour).reason, reason::kRotationPending);
  const auto newest = server_leaf("localhost", kNow, kNow + 90 * kDay);
  declare({&newest, &demo().intermediate});
  EXPECT_EQ(check(kHour).reason, reason::kReloadAwaited);
  EXPECT_EQ(status().served_certificate->first_seen, kNow + 3 * kHour);
}

TEST_F(Drift, IsReportedAtOnceWhereThereIsNoHistory) {
  scenario.history.previous.reset();
  const auto& pending = check();
  EXPECT_EQ(pending.reason, reason::kRotationPending);
  EXPECT_THAT(pending.message, AllOf(HasSubstr("valid from 2026-11-21"), Not(HasSubstr("since"))));
}

TEST_F(Drift, LeavesTheHeadlineToAnExpiryThatIsCritical) {
  check();
  EXPECT_EQ(check(2 * kHour).reason, reason::kRotationPending);
  EXPECT_THAT(headline(status()), HasSubstr("still serves"));
  EXPECT_EQ(check(28 * kDay).reason, reason::kRotationPending);
  EXPECT_EQ(severity(status()), Severity::kCritical);
  EXPECT_THAT(headline(status()), HasSubstr("expires on 2026-12-22"));
}

TEST_F(Drift, SurvivesAnOutageOfTheServer) {
  scenario.endpoint.spec.rotation.reload_grace = base::Seconds(0);
  EXPECT_EQ(check().reason, reason::kRotationPending);
  scenario.unreachable().history.consecutive_failures = 5;
  const auto& kept = check(kHour);
  EXPECT_EQ(kept.reason, reason::kRotationPending);
  EXPECT_THAT(kept.message, HasSubstr("As last seen"));
  EXPECT_EQ(status().served_certificate->first_seen, kNow);
}

TEST_F(Drift, ACertificateNewerThanTheDeclaredOneDiffers) {
  declare({&old_leaf(), &demo().intermediate});
  serve(new_leaf());
  const auto& differs = check();
  EXPECT_EQ(differs.status, ConditionStatus::kFalse);
  EXPECT_EQ(differs.reason, reason::kServedCertificateDiffers);
  EXPECT_THAT(differs.message, AllOf(HasSubstr("The server serves " + prefix(new_leaf())),
                                     HasSubstr("not the declared " + prefix(old_leaf())),
                                     HasSubstr("the served one is the newer")));
  EXPECT_NE(advice("InvestigateCertificate"), nullptr);
}

TEST_F(Drift, ACertificateForOtherNamesDiffersHoweverOld) {
  serve(server_leaf("db.example.com", kNow - 60 * kDay, kNow + 30 * kDay));
  EXPECT_EQ(check().reason, reason::kServedCertificateDiffers);
  EXPECT_THAT(check().message, HasSubstr("for db.example.com"));
}

TEST_F(Drift, ACaInThePlaceOfTheServersCertificateIsAMistakeInTheSpec) {
  declare({&demo().intermediate, &new_leaf()});
  serve(new_leaf());
  EXPECT_EQ(check().reason, reason::kServedCertificateDiffers);
  EXPECT_THAT(check().message, HasSubstr("the declared one is a CA's. Next: let spec.servedCertificate "
                                         "refer to the server's own certificate, first in its file"));
}

TEST_F(Drift, AMoveToAnotherIssuerIsARotation) {
  const Minted other = test_support::mint({.common_name = "Other CA",
                                           .not_before = kNow - 400 * kDay,
                                           .not_after = kNow + 400 * kDay,
                                           .ca = true});
  serve(test_support::mint({.common_name = "localhost",
                            .dns_names = {"localhost"},
                            .not_before = kNow - 60 * kDay,
                            .not_after = kNow + 30 * kDay},
                           &other));
  EXPECT_EQ(check().reason, reason::kReloadAwaited);
}

TEST_F(Drift, ADeclaredCertificateThatWouldBreakClientsIsReportedBeforeItIsLoaded) {
  const auto expired = server_leaf("localhost", kNow - 30 * kDay, kNow - kDay);
  declare({&expired, &demo().intermediate});
  const auto& unfit = check();
  EXPECT_EQ(unfit.status, ConditionStatus::kFalse) << "not even the grace is waited for";
  EXPECT_EQ(unfit.reason, reason::kDeclaredCertificateUnfit);
  EXPECT_THAT(unfit.message, AllOf(HasSubstr("would break verify-ca and verify-full"), HasSubstr("expired")));
  EXPECT_EQ(severity(status()), Severity::kWarning);
  EXPECT_NE(advice("ReplaceDeclaredCertificate"), nullptr);
  EXPECT_EQ(advice("ReloadServer"), nullptr);

  const auto future = server_leaf("localhost", kNow + kDay, kNow + 90 * kDay);
  declare({&future, &demo().intermediate});
  EXPECT_THAT(check().message, HasSubstr("becomes valid only"));

  // For the same key, but without the name that clients use.
  Minted other = test_support::mint({.common_name = "renamed",
                                     .dns_names = {"renamed.example.com"},
                                     .not_before = kNow - kDay,
                                     .not_after = kNow + 90 * kDay},
                                    &demo().intermediate);
  const auto served = test_support::mint({.common_name = "localhost",
                                          .dns_names = {"localhost", "renamed.example.com"},
                                          .not_before = kNow - 60 * kDay,
                                          .not_after = kNow + 30 * kDay},
                                         &demo().intermediate);
  declare({&other, &demo().intermediate});
  serve(served);
  scenario.history.previous = EndpointStatus{};
  EXPECT_THAT(check().message, AllOf(HasSubstr("would break verify-full"), HasSubstr("not for localhost")));
}

TEST_F(Drift, WhatTheServedCertificateLacksAlreadyIsNoReasonAgainstTheDeclared) {
  scenario.material.trust = test_support::store_of({});
  EXPECT_EQ(check().reason, reason::kReloadAwaited);
}

TEST_F(Drift, IntermediatesThatAreNotSentAreNamed) {
  scenario.serve({&new_leaf()});
  const auto& matched = check();
  EXPECT_EQ(matched.status, ConditionStatus::kTrue);
  EXPECT_THAT(matched.message, HasSubstr("does not send the intermediate"));
}

TEST_F(Drift, AServerThatWentBackIsReportedThoughNothingIsDeclared) {
  declare_nothing();
  serve(new_leaf());
  check();
  serve(old_leaf());
  const auto reverted = check(kHour);
  EXPECT_EQ(reverted.status, ConditionStatus::kFalse);
  EXPECT_EQ(reverted.reason, reason::kCertificateReverted);
  EXPECT_THAT(reverted.message,
              AllOf(HasSubstr("serves " + prefix(old_leaf())), HasSubstr("after " + prefix(new_leaf()))));
  EXPECT_EQ(severity(status()), Severity::kWarning);
  EXPECT_NE(advice("InvestigateCertificate"), nullptr);
  // It stays said, in the same words, until the certificate changes.
  EXPECT_EQ(check(30 * kDay - 2 * kHour).message, reverted.message);
  serve(server_leaf("localhost", kNow, kNow + 120 * kDay));
  EXPECT_EQ(check(kHour).reason, reason::kNotDeclared);
}

TEST_F(Drift, GoingBackIsWorseThanNotHavingLoadedYet) {
  serve(new_leaf());
  check();
  serve(old_leaf());
  EXPECT_EQ(check(10 * kHour).reason, reason::kCertificateReverted);
  serve(new_leaf());
  EXPECT_EQ(check(10 * kHour).status, ConditionStatus::kTrue);
}

TEST_F(Drift, GoingBackToWhatIsDeclaredIsAsDeclared) {
  serve(new_leaf());
  check();
  declare({&old_leaf(), &demo().intermediate});
  serve(old_leaf());
  EXPECT_EQ(check(kHour).status, ConditionStatus::kTrue);
}

TEST_F(Drift, TwoServersBehindOneAddressDoNotMakeItFlap) {
  check();
  serve(new_leaf());
  EXPECT_EQ(check(5 * kHour).status, ConditionStatus::kTrue);
  serve(old_leaf());
  EXPECT_EQ(check(base::Seconds(300)).reason, reason::kCertificateReverted);
  serve(new_leaf());
  EXPECT_EQ(check(base::Seconds(300)).reason, reason::kMembersDiffer);
  for (int i = 0; i < 12; ++i) {
    serve(i % 3 == 0 ? old_leaf() : new_leaf());
    const auto& alternating = check(base::Seconds(300));
    EXPECT_EQ(alternating.status, ConditionStatus::kFalse) << i;
    EXPECT_EQ(alternating.reason, reason::kMembersDiffer) << i;
    EXPECT_THAT(alternating.message, HasSubstr("Next: find out which servers answer here"))
        << "none is named";
  }
  serve(new_leaf());
  check(base::Seconds(300));
  EXPECT_EQ(check(kHour + base::Seconds(1)).status, ConditionStatus::kTrue) << "an hour without a change";
}

TEST_F(Drift, AnotherAddressWithAnOlderCertificateIsNoReturnToIt) {
  serve(new_leaf());
  check();
  scenario.observation.address->ip = "10.0.0.2";
  serve(old_leaf());
  EXPECT_EQ(check(base::Seconds(300)).reason, reason::kMembersDiffer);
  scenario.observation.address->ip = "127.0.0.1";
  serve(new_leaf());
  EXPECT_EQ(check(base::Seconds(300)).reason, reason::kMembersDiffer);
}

TEST_F(Drift, MembersThatStillWaitAreNamed) {
  serve(new_leaf());
  for (const char* ip : {"10.0.0.2", "10.0.0.3"}) {
    Scenario other;
    other.serve({ip == std::string("10.0.0.2") ? &old_leaf() : &new_leaf(), &demo().intermediate});
    other.observation.address->ip = ip;
    scenario.observation.members.push_back(other.observation);
  }
  EXPECT_EQ(check().reason, reason::kReloadAwaited);
  EXPECT_EQ(advice("ReloadServer"), nullptr) << "a member has no history of its own";
  const auto& pending = check(kHour);
  EXPECT_EQ(pending.reason, reason::kRotationPending);
  EXPECT_THAT(pending.message, HasSubstr("Member 10.0.0.2:5432 (1 of 3) still serves " + prefix(old_leaf())));
  ASSERT_NE(advice("ReloadServer"), nullptr);
}

TEST_F(Drift, AMemberWithANameAndACertificateOfItsOwnIsNotMeant) {
  serve(new_leaf());
  Scenario other;
  other.serve_for("db2.example.com").observation.member_host = "db2.example.com";
  scenario.observation.members.push_back(other.observation);
  EXPECT_EQ(check().status, ConditionStatus::kTrue);
}

TEST_F(Drift, AFileThatCannotBeReadKeepsTheGraceRunning) {
  check();
  scenario.material.served_certificate.clear();
  scenario.material.problems = {
      {pki::MaterialProblem::Kind::kReferenceNotFound, "spec.servedCertificate", "the file is gone.", false}};
  EXPECT_EQ(check(kHour).status, ConditionStatus::kUnknown);
  scenario.material.problems.clear();
  declare({&new_leaf(), &demo().intermediate});
  EXPECT_EQ(check().reason, reason::kRotationPending);
}

}  // namespace
}  // namespace tlswarden::verdict

#include "verdict/members.hpp"

#include <gmock/gmock.h>

#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using probe::Cause;
using probe::Stage;
using resource::ConditionStatus;
using testing::HasSubstr;
using testing::StartsWith;

/// The endpoint of `first`, with what `others` saw at further addresses.
class Members : public testing::Test {
 protected:
  resource::EndpointStatus judge_all(const Scenario& first, std::vector<Scenario> others) {
    Scenario all = first;
    all.observation.address->ip = "10.0.0.1";
    for (std::size_t i = 0; i < others.size(); ++i) {
      probe::Observation seen = others[i].observation;
      seen.address->ip = "10.0.0." + std::to_string(i + 2);
      seen.plaintext.reset();
      all.observation.members.push_back(seen);
    }
    return judge({all.endpoint, all.material, all.observation, all.history, all.now}, cache_);
  }
  static const resource::Advice* advice_on(const resource::EndpointStatus& status, const char* reason) {
    for (const resource::Advice& item : status.advice) {
      if (item.reason == reason) return &item;
    }
    return nullptr;
  }
  static Scenario down() {
    Scenario s;
    s.observation.tls.reset();
    s.observation.failure = probe::Failure{Stage::kConnect, Cause::kConnectionRefused, "refused.", {}, {}};
    return s;
  }

  pki::VerificationCache cache_;
};

TEST_F(Members, ThatAgreeChangeNothingButTheList) {
  const auto alone = judge_all({}, {});
  const auto both = judge_all({}, {Scenario()});
  EXPECT_TRUE(alone.members.empty());
  ASSERT_EQ(both.members.size(), 2U);
  EXPECT_EQ(both.members[1].address, "10.0.0.2:5432");
  EXPECT_EQ(both.members[1].outcome, resource::RungOutcome::kWorks);
  EXPECT_EQ(both.members[1].sha256, both.members[0].sha256);
  auto without = both;
  without.members.clear();
  EXPECT_TRUE(resource::same_meaning(without, alone));
}

TEST_F(Members, OneExpiredMakesTheEndpointUnready) {
  const auto status = judge_all({}, {Scenario(), Scenario().serve_expired()});
  EXPECT_EQ(status.find(condition::kReady)->status, ConditionStatus::kFalse);
  EXPECT_EQ(status.find(condition::kReady)->reason, reason::kCertificateExpired);
  EXPECT_THAT(status.find(condition::kReady)->message, StartsWith("Member 10.0.0.3:5432: "));
  EXPECT_EQ(status.find(condition::kReachable)->status, ConditionStatus::kTrue);
  EXPECT_EQ(status.expiry->not_after, *status.members[2].not_after);
  EXPECT_NE(status.strongest_mode, resource::TlsMode::kVerifyFull);
  ASSERT_NE(advice_on(status, reason::kCertificateExpired), nullptr);
  EXPECT_THAT(advice_on(status, reason::kMembersDiffer)->message, HasSubstr("10.0.0.3:5432 serves another"));
}

TEST_F(Members, WhatIsWrongEverywhereIsSaidOnce) {
  const auto status = judge_all(Scenario().serve_expired(), {Scenario().serve_expired()});
  int said = 0;
  for (const resource::Advice& item : status.advice)
    said += item.reason == reason::kCertificateExpired ? 1 : 0;
  EXPECT_EQ(said, 1);
  EXPECT_THAT(status.find(condition::kReady)->message, testing::Not(StartsWith("Member")));
}

TEST_F(Members, OneThatIsDownCountsOnlyAfterTheThreshold) {
  Scenario first;
  first.endpoint.spec.failure_threshold = 2;
  const auto before = judge_all(first, {Scenario()});
  first.history = {1, before};
  const auto held = judge_all(first, {down()});
  EXPECT_EQ(held.find(condition::kReady)->status, ConditionStatus::kTrue);
  EXPECT_EQ(held.find(condition::kReconciling)->status, ConditionStatus::kTrue);
  EXPECT_THAT(held.find(condition::kReconciling)->message, HasSubstr("refused"));
  EXPECT_EQ(held.members, before.members);
  first.history.consecutive_failures = 2;
  const auto counted = judge_all(first, {down()});
  EXPECT_EQ(counted.find(condition::kReachable)->reason, reason::kConnectionRefused);
  EXPECT_EQ(counted.find(condition::kReady)->status, ConditionStatus::kFalse);
}

TEST_F(Members, OfASeedListHaveCertificatesOfTheirOwn) {
  Scenario first;
  first.endpoint.spec.host = "cluster.example";
  first.observation.member_host = "a.example";
  first.serve_for("a.example");
  Scenario second;
  second.observation.member_host = "b.example";
  second.serve_for("b.example");
  const auto good = judge_all(first, {second});
  EXPECT_EQ(good.find(condition::kReady)->status, ConditionStatus::kTrue)
      << good.find(condition::kReady)->message;
  EXPECT_EQ(advice_on(good, reason::kMembersDiffer), nullptr);
  EXPECT_EQ(good.members[1].host, "b.example");
  second.serve_for("a.example");
  const auto wrong = judge_all(first, {second});
  EXPECT_EQ(wrong.find(condition::kReady)->reason, reason::kHostnameMismatch);
  EXPECT_THAT(wrong.find(condition::kReady)->message, StartsWith("Member b.example:5432: "));
}

TEST_F(Members, OlderVersionAndProtocolAreNamed) {
  Scenario first(resource::Engine::kMariadb);
  first.observation.server_version = "5.5.5-10.11.6-MariaDB";
  Scenario second(resource::Engine::kMariadb);
  second.observation.server_version = "5.5.5-10.6.2-MariaDB";
  second.observation.tls->version = resource::TlsVersion::kTls12;
  const auto status = judge_all(first, {second});
  ASSERT_NE(advice_on(status, reason::kMembersDiffer), nullptr);
  EXPECT_THAT(advice_on(status, reason::kMembersDiffer)->message,
              HasSubstr("10.0.0.2:3306 settles for TLSv1.2 and runs 10.6.2"));
}

}  // namespace
}  // namespace tlswarden::verdict

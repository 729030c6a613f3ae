#include "verdict/member_rotations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using resource::ConditionStatus;
using resource::EndpointStatus;
using resource::MemberTurn;
using resource::RotationProgress;
using test_support::Minted;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr base::Seconds kHour{3600};

const std::string& sha256(const Minted& minted) {
  return minted.certificate->facts.sha256;
}

/// Servers behind one name, by address, that are checked hour after hour.
class MemberRotationsTest : public testing::Test {
 protected:
  /// What the last check brought, as it is told.
  struct Told {
    MemberRotations begun, finished;
  };

  MemberRotationsTest() {
    scenario_.endpoint.spec.addresses = resource::AddressSelection::kAll;
    scenario_.endpoint.spec.failure_threshold = 1;
    scenario_.material.trust = test_support::store_of({&demo().root});
  }
  static Minted leaf(int issued, int days = 90) {
    return server_leaf("localhost", kNow + issued * kDay, kNow + (issued + days) * kDay);
  }
  /// Looks at every address; a null certificate is a server that is down.
  Told check(const std::vector<std::pair<std::string, const Minted*>>& servers,
             base::Seconds later = 2 * kHour) {
    scenario_.now += later;
    std::vector<probe::Observation> seen;
    bool all_up = true;
    for (const auto& [ip, minted] : servers) {
      Scenario one;
      all_up = all_up && minted != nullptr;
      if (minted != nullptr) {
        one.serve({minted, &demo().intermediate});
      } else {
        one.unreachable();
      }
      one.observation.address = net::Address{ip, 5432};
      one.observation.at = scenario_.now;
      seen.push_back(one.observation);
    }
    int& failures = scenario_.history.consecutive_failures;
    failures = all_up ? 0 : failures + 1;
    scenario_.observation = seen.front();
    scenario_.observation.members.assign(seen.begin() + 1, seen.end());
    return judge();
  }
  Told judge() {
    const Members before = members();
    scenario_.history.previous = scenario_.judge();
    return {rotations_begun(before, members()), rotations_finished(before, members())};
  }
  Told check(const Minted* first, const Minted* second, const Minted* third,
             base::Seconds later = 2 * kHour) {
    return check({{"10.0.0.1", first}, {"10.0.0.2", second}, {"10.0.0.3", third}}, later);
  }
  const EndpointStatus& status() const { return *scenario_.history.previous; }
  Members members() const { return scenario_.history.previous ? status().members : Members{}; }
  const resource::Condition& matched() const {
    return condition_of(status(), condition::kServedCertificateMatched);
  }
  const std::string& rotation_message() const {
    return condition_of(status(), condition::kRotationRecommended).message;
  }

  Scenario scenario_;
  const Minted old_ = leaf(-30), new_ = leaf(-1), newer_ = leaf(0);
};

TEST_F(MemberRotationsTest, ARollingRotationBeginsOnceAndIsDoneWithTheLastMember) {
  const Told first = check(&old_, &old_, &old_);
  EXPECT_THAT(first.begun, IsEmpty());
  const Told second = check(&old_, &new_, &old_);
  ASSERT_EQ(second.begun.size(), 1U);
  EXPECT_EQ(second.begun[0].old_sha256, sha256(old_));
  EXPECT_EQ(second.begun[0].new_sha256, sha256(new_));
  EXPECT_THAT(second.begun[0].serving, ElementsAre("10.0.0.2:5432"));
  EXPECT_THAT(second.begun[0].waiting, ElementsAre("10.0.0.1:5432", "10.0.0.3:5432"));
  EXPECT_FALSE(status().rotation->last) << "not before all serve it";
  EXPECT_EQ(status().rotation->progress, RotationProgress::kPlanned);
  EXPECT_THAT(rotation_message(),
              HasSubstr("The new certificate " + sha256(new_).substr(0, 16) +
                        " is served by member 10.0.0.2:5432 (1 of 3), not yet by members 10.0.0.1:5432, "
                        "10.0.0.3:5432 (2 of 3), which serve " +
                        sha256(old_).substr(0, 16)));

  const Told third = check(&old_, &new_, &new_);
  EXPECT_THAT(third.begun, IsEmpty()) << "said already";
  EXPECT_THAT(third.finished, IsEmpty());
  EXPECT_THAT(rotation_message(), HasSubstr("not yet by member 10.0.0.1:5432 (1 of 3), which serves"));

  const Told last = check(&new_, &new_, &new_);
  ASSERT_EQ(last.finished.size(), 1U);
  EXPECT_EQ(last.finished[0].serving.size(), 3U);
  ASSERT_TRUE(status().rotation->last);
  EXPECT_EQ(*status().rotation->last,
            (resource::SeenRotation{scenario_.now, "leaf", sha256(old_), sha256(new_)}));
  EXPECT_EQ(status().rotation->progress, RotationProgress::kDone);
  EXPECT_THAT(rotation_message(),
              AllOf(HasSubstr("A new certificate was seen on"), Not(HasSubstr("not yet"))));
  EXPECT_EQ(matched().reason, reason::kNotDeclared);

  const auto seen = *status().rotation->last;
  const Told after = check(&new_, &new_, &new_);
  EXPECT_THAT(after.finished, IsEmpty());
  EXPECT_EQ(*status().rotation->last, seen);
}

TEST_F(MemberRotationsTest, TheOrderInWhichTheNameResolvesIsNoChange) {
  check({{"10.0.0.1", &old_}, {"10.0.0.2", &new_}});
  for (int i = 0; i < 4; ++i) {
    const Told told = i % 2 == 0 ? check({{"10.0.0.2", &new_}, {"10.0.0.1", &old_}})
                                 : check({{"10.0.0.1", &old_}, {"10.0.0.2", &new_}});
    EXPECT_THAT(told.begun, IsEmpty());
    EXPECT_THAT(told.finished, IsEmpty());
    EXPECT_FALSE(status().rotation && status().rotation->last);
    EXPECT_EQ(matched().reason, reason::kNotDeclared);
  }
}

TEST_F(MemberRotationsTest, OneMemberThatGoesBackIsNamedUntilItServesTheNewOneAgain) {
  check(&old_, &old_, &old_);
  check(&new_, &new_, &new_);
  const Told back = check(&new_, &old_, &new_);
  EXPECT_THAT(back.begun, IsEmpty()) << "the others do not begin anew";
  EXPECT_EQ(matched().status, ConditionStatus::kFalse);
  EXPECT_EQ(matched().reason, reason::kCertificateReverted);
  EXPECT_THAT(matched().message,
              AllOf(StartsWith("Member 10.0.0.2:5432 (1 of 3) went back to an older certificate: it serves " +
                               sha256(old_).substr(0, 16)),
                    HasSubstr("after " + sha256(new_).substr(0, 16))));
  EXPECT_THAT(rotation_message(), Not(HasSubstr("not yet"))) << "it is not one that has yet to follow";
  const std::string said = matched().message;
  check(&new_, &old_, &new_, 5 * kDay);
  EXPECT_EQ(matched().message, said);
  check(&new_, nullptr, &new_);
  EXPECT_THAT(matched().message, HasSubstr("10.0.0.2:5432 (1 of 3) went back")) << "it is down now";
  check(&new_, &new_, &new_);
  EXPECT_EQ(matched().reason, reason::kNotDeclared);
}

TEST_F(MemberRotationsTest, AMemberThatIsDownForALittleMissesNothing) {
  check(&old_, &old_, &old_);
  check(&new_, nullptr, &new_);
  EXPECT_EQ(status().members[1].sha256, sha256(old_)) << "as last seen";
  EXPECT_FALSE(status().rotation->last) << "it may come back with the old one";
  EXPECT_THAT(check(&new_, &new_, &new_).finished, testing::SizeIs(1));
}

TEST_F(MemberRotationsTest, ACheckThatDoesNotCountTellsNothingTwice) {
  scenario_.endpoint.spec.failure_threshold = 3;
  check(&old_, &old_, &old_);
  const Told held = check(&new_, nullptr, &new_);
  EXPECT_THAT(held.begun, IsEmpty());
  const Told counted = check(&new_, &new_, &new_);
  EXPECT_THAT(counted.begun, IsEmpty());
  EXPECT_THAT(counted.finished, testing::SizeIs(1));
}

TEST_F(MemberRotationsTest, MembersWithCertificatesOfTheirOwnRotateEachByItself) {
  const Minted one = leaf(-40), two = leaf(-39), next_one = leaf(-2), next_two = leaf(-1);
  check({{"10.0.0.1", &one}, {"10.0.0.2", &two}});
  const Told told = check({{"10.0.0.1", &one}, {"10.0.0.2", &next_two}});
  EXPECT_THAT(told.begun, IsEmpty());
  ASSERT_EQ(told.finished.size(), 1U);
  EXPECT_THAT(told.finished[0].serving, ElementsAre("10.0.0.2:5432"));
  EXPECT_EQ(status().rotation->last->new_sha256, sha256(next_two));
  EXPECT_THAT(check({{"10.0.0.1", &next_one}, {"10.0.0.2", &next_two}}).finished, testing::SizeIs(1));
}

TEST_F(MemberRotationsTest, ServersThatComeBackAtOtherAddressesHaveRotated) {
  check({{"10.0.0.1", &old_}, {"10.0.0.2", &old_}});
  EXPECT_THAT(check({{"10.0.0.2", &old_}}).finished, IsEmpty()) << "one of them is on its way";
  EXPECT_EQ(status().members.size(), 1U);
  const Told begun = check({{"10.0.0.2", &old_}, {"10.0.0.11", &new_}});
  ASSERT_EQ(begun.begun.size(), 1U);
  EXPECT_THAT(begun.begun[0].serving, ElementsAre("10.0.0.11:5432"));
  check({{"10.0.0.11", &new_}});
  EXPECT_EQ(status().rotation->last->new_sha256, sha256(new_));
  EXPECT_THAT(check({{"10.0.0.11", &new_}, {"10.0.0.12", &new_}}).finished, IsEmpty());
  EXPECT_THAT(check({{"10.0.0.1", &old_}, {"10.0.0.2", &old_}}).finished, IsEmpty());
  EXPECT_THAT(check({{"10.0.0.11", &new_}, {"10.0.0.12", &new_}}).finished, IsEmpty())
      << "a name that tells a part of its addresses at a time";
}

TEST_F(MemberRotationsTest, AnotherRotationBeforeTheLastMemberFollowed) {
  check(&old_, &old_, &old_);
  check(&old_, &new_, &new_);
  const Told second = check(&old_, &newer_, &new_);
  ASSERT_EQ(second.begun.size(), 1U);
  EXPECT_EQ(second.begun[0].old_sha256, sha256(new_));
  EXPECT_EQ(check(&newer_, &newer_, &new_).finished.at(0).old_sha256, sha256(old_));
  EXPECT_EQ(check(&newer_, &newer_, &newer_).finished.at(0).old_sha256, sha256(new_));
  EXPECT_EQ(status().rotation->last->new_sha256, sha256(newer_));
}

TEST_F(MemberRotationsTest, AMemberThatAnswersWithTwoInTurnIsToldOnce) {
  const base::Seconds soon{300};
  check(&old_, &old_, &old_);
  check(&new_, &new_, &new_);
  check(&new_, &old_, &new_, soon);
  EXPECT_EQ(matched().reason, reason::kCertificateReverted);
  EXPECT_THAT(check(&new_, &new_, &new_, soon).finished, IsEmpty());
  EXPECT_EQ(matched().status, ConditionStatus::kUnknown);
  EXPECT_EQ(matched().reason, reason::kMembersDiffer);
  for (int i = 0; i < 8; ++i) {
    const Told told = check(&new_, i % 2 == 0 ? &old_ : &new_, &new_, soon);
    EXPECT_THAT(told.begun, IsEmpty());
    EXPECT_THAT(told.finished, IsEmpty());
    EXPECT_EQ(matched().status, ConditionStatus::kFalse);
    EXPECT_EQ(matched().reason, reason::kMembersDiffer);
    EXPECT_THAT(matched().message, HasSubstr("answer in turn at member 10.0.0.2:5432 (1 of 3)"));
  }
  check(&new_, &new_, &new_, kHour + soon);
  EXPECT_EQ(matched().reason, reason::kNotDeclared);
}

TEST_F(MemberRotationsTest, AnotherSpecIsNoRotation) {
  check(&old_, &old_, &old_);
  ++scenario_.endpoint.metadata.generation;
  EXPECT_THAT(check(&new_, &old_, &old_).begun, IsEmpty());
  EXPECT_THAT(check(&new_, &old_, &old_).begun, IsEmpty());
}

TEST_F(MemberRotationsTest, TheMembersOfASeedListAreKnownByTheirNames) {
  scenario_.endpoint.spec.srv = true;
  check({{"10.0.0.1", &old_}, {"10.0.0.2", &new_}});
  Members known = members();
  known[0].host = "a.example";
  known[1].host = "b.example";
  scenario_.history.previous->members = known;
  // Another one is the first of the list, and both have moved.
  scenario_.observation.member_host = "b.example";
  scenario_.observation.address->ip = "10.0.0.8";
  scenario_.observation.members[0].member_host = "a.example";
  scenario_.observation.members[0].address->ip = "10.0.0.9";
  std::swap(scenario_.observation.tls, scenario_.observation.members[0].tls);
  const Told told = judge();
  EXPECT_THAT(told.begun, IsEmpty());
  EXPECT_THAT(told.finished, IsEmpty());
  EXPECT_FALSE(status().rotation && status().rotation->last);
}

TEST_F(MemberRotationsTest, AnOutageOfTheNameKeepsTheMembers) {
  check(&old_, &new_, &new_);
  const Members known = members();
  scenario_.observation = {};
  scenario_.observation.at = scenario_.now += kHour;
  scenario_.observation.failure =
      probe::Failure{probe::Stage::kResolve, probe::Cause::kNameNotFound, "gone.", {}, {}};
  scenario_.history.consecutive_failures = 5;
  judge();
  ASSERT_EQ(members().size(), known.size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    EXPECT_EQ(members()[i].address, known[i].address);
    EXPECT_EQ(members()[i].sha256, known[i].sha256);
    EXPECT_NE(members()[i].outcome, resource::RungOutcome::kWorks);
  }
  EXPECT_EQ(condition_of(status(), condition::kReachable).status, ConditionStatus::kFalse);
}

/// What a member that is not the first has to be rotated by is never lost.
class MemberExpiryTest : public MemberRotationsTest {
 protected:
  const Minted due_ = server_leaf("localhost", kNow - 70 * kDay, kNow + 20 * kDay);
  const Minted critical_ = server_leaf("localhost", kNow - 80 * kDay, kNow + 3 * kDay);
};

TEST_F(MemberExpiryTest, TheMostUrgentMemberSetsTheSeverity) {
  check(&due_, &critical_, &old_);
  EXPECT_EQ(severity(status()), Severity::kCritical);
  EXPECT_THAT(rotation_message(), StartsWith("Member 10.0.0.2:5432: Certificate expires on 2026-11-25"));
}

TEST_F(MemberExpiryTest, OutlastsAnOutageOfThatMember) {
  check(&old_, &critical_, &old_);
  ASSERT_EQ(severity(status()), Severity::kCritical);
  for (const int threshold : {3, 1}) {
    scenario_.endpoint.spec.failure_threshold = threshold;
    check(&old_, nullptr, &old_);
    EXPECT_EQ(condition_of(status(), condition::kRotationRecommended).status, ConditionStatus::kTrue)
        << threshold;
    EXPECT_EQ(status().expiry->not_after, critical_.certificate->facts.not_after) << threshold;
    EXPECT_EQ(severity(status()), Severity::kCritical) << threshold;
  }
}

TEST_F(MemberExpiryTest, WhatIsNotDueYetIsToldOfTheFirstToExpire) {
  check(&new_, &old_, &new_);
  EXPECT_THAT(rotation_message(),
              StartsWith("Member 10.0.0.2:5432: The first to expire is the leaf certificate on 2027-01-21"));
}

}  // namespace
}  // namespace tlswarden::verdict

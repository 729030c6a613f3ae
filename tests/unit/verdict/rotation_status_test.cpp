#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_text.hpp"
#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using resource::ConditionStatus;
using resource::RotationProgress;
using resource::SeenRotation;
using testing::HasSubstr;
using testing::Not;

using test_support::Minted;

/// An endpoint that is checked day after day.
class RotationStatusTest : public ::testing::Test {
 protected:
  static Minted leaf(int issued, int days = 90) {
    return server_leaf("localhost", kNow + issued * kDay, kNow + (issued + days) * kDay);
  }
  /// The demo chain lives for 90 days, too short for some of these tests.
  RotationStatusTest() { scenario_.material.trust = test_support::store_of({&demo().root}); }

  const resource::EndpointStatus& check(int day, const Minted& leaf) {
    scenario_.serve({&leaf, &demo().intermediate});
    return check(day);
  }
  const resource::EndpointStatus& check(int day) {
    scenario_.now = kNow + day * kDay;
    scenario_.observation.at = scenario_.now;
    scenario_.history.previous = scenario_.judge();
    return *scenario_.history.previous;
  }
  const std::string& message(const char* type = condition::kRotationRecommended) const {
    return condition_of(*scenario_.history.previous, type).message;
  }
  void windows_on(const char* day) {
    scenario_.endpoint.spec.rotation.maintenance_windows.push_back(
        {{day}, "02:00", base::Seconds(7200), "UTC"});
  }
  static SeenRotation seen(int day, const Minted& before, const Minted& after) {
    return {kNow + day * kDay, "leaf", before.certificate->facts.sha256, after.certificate->facts.sha256};
  }

  Scenario scenario_;
  const Minted first_ = leaf(-80), second_ = leaf(0, 60);
};

TEST_F(RotationStatusTest, GoesFromPlannedOverWaitingToOverdue) {
  windows_on("Sat");
  // Expires on Wednesday 2026-12-02 at noon; the last window is on Saturday 2026-11-28.
  const Minted old = server_leaf("localhost", kNow - 20 * kDay, kNow + 10 * kDay);
  EXPECT_EQ(check(-10, old).rotation->progress, RotationProgress::kPlanned);
  EXPECT_EQ(check(0, old).rotation->progress, RotationProgress::kWaitingForWindow);
  EXPECT_THAT(message(),
              HasSubstr("rotate it by 2026-11-28T02:00:00Z, when the last maintenance window opens"));
  EXPECT_EQ(check(6, old).rotation->progress, RotationProgress::kOverdue);
  EXPECT_THAT(message(),
              HasSubstr("no maintenance window is left before that; rotate it outside the windows by "
                        "2026-12-01T12:00:00Z"));
  EXPECT_EQ(check(10, old).rotation->progress, RotationProgress::kOverdue);
  EXPECT_THAT(message(), HasSubstr("; rotate it now"));
}

TEST_F(RotationStatusTest, AnOpenWindowIsStillTheTimeToRotate) {
  windows_on("Sat");
  const Minted old = server_leaf("localhost", kNow - 20 * kDay, kNow + 10 * kDay);
  scenario_.serve({&old, &demo().intermediate});
  scenario_.now = base::parse_rfc3339("2026-11-28T03:00:00Z").value();
  const auto status = scenario_.judge();
  EXPECT_EQ(status.rotation->progress, RotationProgress::kWaitingForWindow);
  EXPECT_EQ(status.expiry->rotate_by, base::parse_rfc3339("2026-11-28T02:00:00Z").value());
  EXPECT_THAT(condition_of(status, condition::kRotationRecommended).message,
              HasSubstr("rotate it now: the last maintenance window is open until 2026-11-28T04:00:00Z"));
  EXPECT_EQ(status.advice.front().by, base::parse_rfc3339("2026-11-28T04:00:00Z").value());
}

TEST_F(RotationStatusTest, ANewCertificateIsSeenOnceAndRemembered) {
  check(0, first_);
  const auto& after = check(1, second_);
  EXPECT_EQ(after.rotation->last, seen(1, first_, second_));
  EXPECT_EQ(after.rotation->progress, RotationProgress::kDone);
  EXPECT_EQ(condition_of(after, condition::kRotationRecommended).reason, reason::kRotationNotDue);
  EXPECT_THAT(message(),
              HasSubstr("A new certificate was seen on 2026-11-23; the first to expire is the leaf "
                        "certificate on 2027-01-21"));
  EXPECT_EQ(check(5, second_).rotation->last, seen(1, first_, second_));
}

TEST_F(RotationStatusTest, TheNextRotationStartsAgainWithPlanned) {
  check(0, first_);
  check(1, second_);
  EXPECT_EQ(check(45, second_).rotation->progress, RotationProgress::kPlanned) << "due, and no longer done";
  EXPECT_EQ(check(45, second_).rotation->last, seen(1, first_, second_));
  const Minted third = leaf(46, 40);
  EXPECT_EQ(check(46, third).rotation->last, seen(46, second_, third));
}

TEST_F(RotationStatusTest, AnOutageInBetweenHidesNoRotation) {
  check(0, first_);
  const auto up = scenario_.observation;
  scenario_.unreachable();
  scenario_.history.consecutive_failures = 5;
  EXPECT_EQ(check(1).rotation->progress, RotationProgress::kPlanned);
  scenario_.observation = up;
  scenario_.history.consecutive_failures = 0;
  EXPECT_EQ(check(2, second_).rotation->last, seen(2, first_, second_));
}

TEST_F(RotationStatusTest, AnotherSpecIsNoRotation) {
  check(0, first_);
  ++scenario_.endpoint.metadata.generation;
  EXPECT_FALSE(check(1, second_).rotation->last);
}

TEST_F(RotationStatusTest, AnOlderCertificateIsNoRotation) {
  check(0, second_);
  EXPECT_FALSE(check(1, first_).rotation->last);
}

TEST_F(RotationStatusTest, GoingBackLeavesTheLastRotationAsItIs) {
  const Minted twin = leaf(0, 70);
  check(0, second_);
  check(1, twin);
  ASSERT_EQ(scenario_.history.previous->rotation->last, seen(1, second_, twin));
  EXPECT_EQ(check(2, second_).rotation->last, seen(1, second_, twin));
  EXPECT_EQ(check(3, twin).rotation->last, seen(1, second_, twin));
}

TEST_F(RotationStatusTest, WhatBeganAtTheSameTimeIsOlderIfItEndsEarlier) {
  const Minted shorter = leaf(0, 50), same = leaf(0, 50);
  check(0, second_);
  const auto& back = check(1, shorter);
  EXPECT_FALSE(back.rotation->last) << "one thing is said, not both";
  EXPECT_EQ(condition_of(back, condition::kServedCertificateMatched).reason, reason::kCertificateReverted);
  const auto& reissued = check(2, same);
  EXPECT_EQ(reissued.rotation->last, seen(2, shorter, same)) << "neither newer nor older";
  EXPECT_NE(condition_of(reissued, condition::kServedCertificateMatched).reason,
            reason::kCertificateReverted);
}

TEST_F(RotationStatusTest, AnotherMemberBehindTheNameIsNoRotation) {
  scenario_.observation.addresses = {{"10.0.0.1", 5432}, {"10.0.0.2", 5432}};
  scenario_.observation.address = scenario_.observation.addresses[0];
  check(0, first_);
  scenario_.observation.address = scenario_.observation.addresses[1];
  EXPECT_FALSE(check(1, second_).rotation->last);
  // The server was replaced by one at another address, and the old address is gone.
  scenario_.observation.addresses = {{"10.0.0.3", 5432}};
  scenario_.observation.address = scenario_.observation.addresses[0];
  const Minted third = leaf(2);
  EXPECT_EQ(check(2, third).rotation->last, seen(2, second_, third));
}

TEST_F(RotationStatusTest, ServersThatTakeTurnsBehindOneAddressAreNoStreamOfRotations) {
  std::vector<Minted> fleet;
  for (int i = 0; i < 4; ++i)
    fleet.push_back(leaf(-20 + i));
  int changes = 0;
  std::optional<SeenRotation> last;
  for (int turn = 0; turn < 40; ++turn) {
    const auto& now = check(turn / 10, fleet[static_cast<std::size_t>(turn * 7 % 4)]).rotation->last;
    if (now != last) ++changes;
    last = now;
  }
  EXPECT_LE(changes, 1);
}

TEST_F(RotationStatusTest, TheMemberThatExpiresFirstSetsTheState) {
  scenario_.endpoint.spec.addresses = resource::AddressSelection::kAll;
  const Minted late = server_leaf("localhost", kNow - 80 * kDay, kNow + kDay / 2);
  probe::Observation member = scenario_.serve({&late, &demo().intermediate}).observation;
  member.address = net::Address{"127.0.0.2", 5432};
  scenario_.serve({&second_, &demo().intermediate});
  EXPECT_EQ(scenario_.judge().rotation->progress, RotationProgress::kPlanned);
  scenario_.observation.members = {member};
  const auto status = scenario_.judge();
  EXPECT_EQ(status.rotation->progress, RotationProgress::kOverdue);
  EXPECT_EQ(status.expiry->not_after, kNow + kDay / 2);
}

TEST_F(RotationStatusTest, ANewClientCertificateIsSeenEvenWithAChangeOfTheSpec) {
  const auto client = [](int issued) {
    return test_support::mint(
        {.common_name = "app", .not_before = kNow + issued * kDay, .not_after = kNow + (issued + 300) * kDay},
        &demo().root);
  };
  const Minted before = client(-10), after = client(0);
  scenario_.endpoint.spec.tls.client_certificate = resource::Reference{};
  scenario_.material.client_certificates = test_support::chain_of({&before});
  EXPECT_EQ(check(0, second_).rotation->client_sha256, before.certificate->facts.sha256);
  scenario_.material.client_certificates.clear();
  EXPECT_EQ(check(1, second_).rotation->client_sha256, before.certificate->facts.sha256) << "unreadable now";
  ++scenario_.endpoint.metadata.generation;
  scenario_.material.client_certificates = test_support::chain_of({&after});
  const auto& rotation = *check(2, second_).rotation;
  EXPECT_EQ(rotation.last, (SeenRotation{kNow + 2 * kDay, "client", before.certificate->facts.sha256,
                                         after.certificate->facts.sha256}));
  EXPECT_EQ(rotation.client_sha256, after.certificate->facts.sha256);
}

TEST_F(RotationStatusTest, SaysWhenTheSpecNeverFitsTheCertificate) {
  windows_on("Sat");
  const Minted shortlived = server_leaf("localhost", kNow, kNow + 6 * kDay - base::Seconds(1));
  const auto& status = check(0, shortlived);
  EXPECT_EQ(condition_of(status, condition::kRotationRecommended).status, ConditionStatus::kFalse);
  EXPECT_THAT(message(),
              HasSubstr("the certificate lives 6d, but to be sure of a maintenance window it would "
                        "have to live 8d2h, rotation.leadTime included"));
  EXPECT_THAT(status.advice,
              testing::Contains(testing::Field(&resource::Advice::reason, reason::kRotationNeverFits)));
  EXPECT_EQ(condition_of(status, condition::kStalled).status, ConditionStatus::kFalse);
}

TEST_F(RotationStatusTest, SaysWhenTheLeadTimeOutlastsTheCertificate) {
  scenario_.endpoint.spec.rotation.lead_time = 90 * kDay;
  const Minted shortlived = server_leaf("localhost", kNow, kNow + 47 * kDay - base::Seconds(1));
  EXPECT_EQ(check(0, shortlived).rotation->progress, RotationProgress::kOverdue);
  EXPECT_THAT(message(),
              HasSubstr("the certificate lives 47d, which is not longer than rotation.leadTime of 90d, "
                        "so every rotation is late"));
}

TEST_F(RotationStatusTest, SaysWhichThresholdDoesNotApply) {
  scenario_.endpoint.spec.rotation.warn_before = resource::Threshold{28 * kDay, std::nullopt};
  const Minted shortlived = server_leaf("localhost", kNow, kNow + 6 * kDay - base::Seconds(1));
  const auto& status = check(0, shortlived);
  EXPECT_EQ(condition_of(status, condition::kRotationRecommended).status, ConditionStatus::kFalse);
  EXPECT_THAT(
      message(),
      HasSubstr("rotation.warnBefore of 28d is too long for a certificate that lives 6d, so 2d applies"));
}

TEST_F(RotationStatusTest, SaysWhichShareDoesNotApply) {
  scenario_.endpoint.spec.rotation.warn_before = resource::Threshold{28 * kDay, std::nullopt};
  scenario_.endpoint.spec.rotation.critical_before = resource::Threshold{std::nullopt, 50};
  check(0, server_leaf("localhost", kNow, kNow + 6 * kDay - base::Seconds(1)));
  EXPECT_THAT(message(),
              HasSubstr("rotation.criticalBefore of 50% is too long for a certificate that lives 6d, so 1d "
                        "applies"));
}

TEST_F(RotationStatusTest, AStatusDoesNotChangeFromDayToDay) {
  const Minted year = server_leaf("localhost", kNow - 300 * kDay, kNow + 60 * kDay);
  auto before = check(0, year);
  EXPECT_TRUE(resource::same_meaning(before, check(1, year)));
  before = check(35, year);
  EXPECT_TRUE(resource::same_meaning(before, check(38, year))) << message();
}

TEST_F(RotationStatusTest, WhatIsServedBesideThePathStaysOutOfItDuringAnOutage) {
  const Minted stray = test_support::mint(
      {.common_name = "Stray", .not_before = kNow - 90 * kDay, .not_after = kNow + kDay, .ca = true});
  scenario_.serve({&second_, &demo().intermediate, &stray});
  ASSERT_EQ(check(0).expiry->role, "leaf");
  scenario_.unreachable();
  scenario_.history.consecutive_failures = 5;
  EXPECT_EQ(check(2).expiry->role, "leaf");
}

}  // namespace
}  // namespace tlswarden::verdict

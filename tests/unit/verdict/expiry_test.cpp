#include "verdict/expiry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using resource::ConditionStatus;
using resource::TlsMode;
using resource::Urgency;

PathCertificate lasting(base::Seconds lifetime) {
  PathCertificate certificate{"leaf"};
  certificate.not_before = kNow;
  certificate.not_after = kNow + lifetime;
  return certificate;
}

TEST(Expiry, ThresholdsDefaultToAThirdAndASixthOfTheLifetimeBut28And14DaysAtMost) {
  EXPECT_EQ(warn_before({}, lasting(365 * kDay)), 28 * kDay);
  EXPECT_EQ(critical_before({}, lasting(365 * kDay)), 14 * kDay);
  EXPECT_EQ(warn_before({}, lasting(6 * kDay)), 2 * kDay);
  EXPECT_EQ(critical_before({}, lasting(6 * kDay)), kDay);
}

TEST(Expiry, ThresholdsMayBeDurationsOrSharesOfTheLifetime) {
  resource::RotationSpec rotation;
  rotation.warn_before = resource::Threshold{40 * kDay, std::nullopt};
  rotation.critical_before = resource::Threshold{std::nullopt, 10};
  EXPECT_EQ(warn_before(rotation, lasting(90 * kDay)), 40 * kDay);
  EXPECT_EQ(critical_before(rotation, lasting(90 * kDay)), 9 * kDay);
}

/// The states just before and at a moment.
std::pair<RotationState, RotationState> around(base::WallTime moment, const resource::RotationSpec& rotation,
                                               const PathCertificate& certificate) {
  return {judge_rotation({certificate}, rotation, moment - base::Seconds(1)).state,
          judge_rotation({certificate}, rotation, moment).state};
}

TEST(Expiry, TheMomentsOfTheThresholdsAreThoseAtWhichTheStateTurns) {
  using enum RotationState;
  resource::RotationSpec own;
  own.warn_before = resource::Threshold{std::nullopt, 50};
  own.critical_before = resource::Threshold{3 * kDay, std::nullopt};
  for (const auto& rotation : {resource::RotationSpec{}, own}) {
    for (const int days : {6, 47, 90, 365, 3650}) {
      const PathCertificate certificate = lasting(days * kDay);
      EXPECT_EQ(around(critical_from(rotation, certificate), rotation, certificate).second, kCritical)
          << days;
      if (due_from(rotation, certificate) == critical_from(rotation, certificate)) continue;
      EXPECT_EQ(around(due_from(rotation, certificate), rotation, certificate), std::pair(kNotDue, kDue))
          << days;
      EXPECT_EQ(around(critical_from(rotation, certificate), rotation, certificate),
                std::pair(kDue, kCritical))
          << days;
    }
  }
}

TEST(Expiry, TheLastMaintenanceWindowMayMakeACertificateDueBeforeItsThreshold) {
  using enum RotationState;
  resource::RotationSpec rotation;
  rotation.warn_before = resource::Threshold{2 * kDay, std::nullopt};
  rotation.critical_before = resource::Threshold{kDay, std::nullopt};
  rotation.maintenance_windows = {{{"Sat"}, "02:00", base::Seconds(7200), "UTC"}};
  const PathCertificate certificate = lasting(90 * kDay);
  const base::WallTime due = due_from(rotation, certificate);
  EXPECT_LT(due, certificate.not_after - 2 * kDay);
  EXPECT_EQ(around(due, rotation, certificate), std::pair(kNotDue, kDue));
  rotation.maintenance_windows.front().time_zone = "Nowhere";
  EXPECT_EQ(due_from(rotation, certificate), certificate.not_after - 2 * kDay)
      << "as if it were not declared";
}

TEST(Expiry, WhatIsCriticalIsDueEvenIfThatIsDeclaredTheOtherWayRound) {
  resource::RotationSpec rotation;
  rotation.warn_before = resource::Threshold{kDay, std::nullopt};
  rotation.critical_before = resource::Threshold{5 * kDay, std::nullopt};
  EXPECT_EQ(due_from(rotation, lasting(90 * kDay)), critical_from(rotation, lasting(90 * kDay)));
}

/// A day, and what the same observation means on it.
struct Day {
  int days_left;
  ConditionStatus recommended;
  Severity severity;
};

TEST(Expiry, ThresholdsFlipOnTimeWithoutANewProbe) {
  Scenario scenario;
  const auto leaf = server_leaf("localhost", kNow - kDay, kNow + 90 * kDay);
  scenario.serve({&leaf, &demo().intermediate});
  const auto long_lived = test_support::demo_pki(kNow, 900);
  const auto fresh = test_support::mint({.common_name = "localhost",
                                         .dns_names = {"localhost"},
                                         .not_before = kNow - kDay,
                                         .not_after = kNow + 90 * kDay},
                                        &long_lived.intermediate);
  scenario.serve({&fresh, &long_lived.intermediate});
  scenario.material.trust = test_support::store_of({&long_lived.root});
  for (const Day day :
       {Day{29, ConditionStatus::kFalse, Severity::kOk}, Day{28, ConditionStatus::kTrue, Severity::kWarning},
        Day{15, ConditionStatus::kTrue, Severity::kWarning},
        Day{14, ConditionStatus::kTrue, Severity::kCritical},
        Day{0, ConditionStatus::kTrue, Severity::kCritical},
        Day{-1, ConditionStatus::kTrue, Severity::kCritical}}) {
    scenario.now = kNow + (90 - day.days_left) * kDay;
    const auto status = scenario.judge();
    EXPECT_EQ(condition_of(status, condition::kRotationRecommended).status, day.recommended) << day.days_left;
    EXPECT_EQ(severity(status), day.severity) << day.days_left;
  }
}

TEST(Expiry, OfAClientsIssuerIsNotSaidToBeTheClientCertificates) {
  const auto issuer = test_support::mint(
      {.common_name = "Issuing", .not_before = kNow - 300 * kDay, .not_after = kNow + 5 * kDay, .ca = true});
  const auto client = test_support::mint(
      {.common_name = "me", .not_before = kNow - kDay, .not_after = kNow + 70 * kDay}, &issuer);
  Scenario scenario;
  scenario.material.client_certificates = test_support::chain_of({&client, &issuer});
  EXPECT_THAT(condition_of(scenario.judge(), condition::kRotationRecommended).message,
              ::testing::HasSubstr("lient certificate's issuer 'CN=Issuing"));
}

TEST(Expiry, IsTheEarliestOfLeafIntermediateRootAndClient) {
  const auto root = test_support::mint(
      {.common_name = "Root", .not_before = kNow - kDay, .not_after = kNow + 100 * kDay, .ca = true});
  const auto middle = test_support::mint(
      {.common_name = "Middle", .not_before = kNow - kDay, .not_after = kNow + 80 * kDay, .ca = true}, &root);
  const auto leaf = test_support::mint({.common_name = "localhost",
                                        .dns_names = {"localhost"},
                                        .not_before = kNow - kDay,
                                        .not_after = kNow + 90 * kDay},
                                       &middle);
  const auto client = test_support::mint(
      {.common_name = "me", .not_before = kNow - kDay, .not_after = kNow + 70 * kDay}, &root);
  Scenario scenario;
  scenario.serve({&leaf, &middle});
  scenario.material.trust = test_support::store_of({&root});
  EXPECT_EQ(scenario.judge().expiry->role, "intermediate");
  scenario.material.client_certificates = test_support::chain_of({&client});
  EXPECT_EQ(scenario.judge().expiry->role, "client");
  EXPECT_EQ(scenario.judge().expiry->not_after, kNow + 70 * kDay);
  const auto short_root = test_support::mint(
      {.common_name = "Short", .not_before = kNow - 300 * kDay, .not_after = kNow + 20 * kDay, .ca = true});
  const auto under = test_support::mint({.common_name = "localhost",
                                         .dns_names = {"localhost"},
                                         .not_before = kNow - kDay,
                                         .not_after = kNow + 90 * kDay},
                                        &short_root);
  scenario.serve({&under});
  scenario.material.trust = test_support::store_of({&short_root});
  const auto status = scenario.judge();
  EXPECT_EQ(status.expiry->role, "root");
  EXPECT_EQ(condition_of(status, condition::kRotationRecommended).reason, reason::kCaExpiring);
}

TEST(Expiry, IgnoresWhatThePathDoesNotNeed) {
  const auto stray = test_support::mint(
      {.common_name = "Stray", .not_before = kNow - 90 * kDay, .not_after = kNow - kDay, .ca = true});
  Scenario scenario;
  scenario.serve({&demo().leaf, &demo().intermediate, &stray});
  const auto status = scenario.judge();
  EXPECT_EQ(status.expiry->role, "leaf");
  EXPECT_EQ(status.tls->chain.size(), 3U) << "shown all the same";
}

TEST(Expiry, OldCertificatesInTheBundleDoNotMatter) {
  const auto old_root = test_support::mint(
      {.common_name = "Old", .not_before = kNow - 90 * kDay, .not_after = kNow - kDay, .ca = true});
  Scenario scenario;
  scenario.material.trust = test_support::store_of({&old_root, &demo().root});
  EXPECT_EQ(scenario.judge().expiry->role, "leaf");
}

TEST(Expiry, AnOutageKeepsTheLastKnownDatesAndTheirAlarm) {
  Scenario before;
  before.now = kNow;
  before.history.previous = before.judge();
  Scenario outage;
  outage.unreachable();
  outage.history = {5, before.history.previous};
  outage.now = kNow + 85 * kDay;
  const auto status = outage.judge();
  ASSERT_TRUE(status.tls);
  EXPECT_EQ(status.tls->chain.size(), 2U);
  EXPECT_EQ(status.expiry->not_after, before.history.previous->expiry->not_after);
  EXPECT_EQ(condition_of(status, condition::kRotationRecommended).status, ConditionStatus::kTrue);
  EXPECT_EQ(severity(status), Severity::kCritical);
}

TEST(Expiry, NamesTheWindowToRotateIn) {
  Scenario scenario;
  const auto leaf = server_leaf("localhost", kNow - 60 * kDay, kNow + 20 * kDay);
  scenario.serve({&leaf, &demo().intermediate});
  scenario.endpoint.spec.rotation.maintenance_windows.push_back(
      {{"Sat"}, "02:00", base::Seconds(7200), "UTC"});
  const auto status = scenario.judge();
  ASSERT_TRUE(status.expiry->window);
  EXPECT_EQ(status.expiry->rotate_by, status.expiry->window->start);
  EXPECT_NE(condition_of(status, condition::kRotationRecommended).message.find("2026-12-05T02:00:00Z"),
            std::string::npos);
}

TEST(Expiry, SaysSoWhenNoWindowIsLeft) {
  Scenario scenario;
  const auto leaf = server_leaf("localhost", kNow - 60 * kDay, kNow + 3 * kDay);
  scenario.serve({&leaf, &demo().intermediate});
  scenario.endpoint.spec.rotation.maintenance_windows.push_back(
      {{"Sat"}, "02:00", base::Seconds(7200), "UTC"});
  const auto status = scenario.judge();
  EXPECT_NE(
      condition_of(status, condition::kRotationRecommended).message.find("no maintenance window is left"),
      std::string::npos);
  EXPECT_THAT(status.advice,
              testing::Contains(testing::Field(&resource::Advice::reason, reason::kNoMaintenanceWindow)));
}

TEST(Expiry, AnUnknownTimeZoneStallsTheEndpoint) {
  Scenario scenario;
  scenario.endpoint.spec.rotation.maintenance_windows.push_back(
      {{"Sat"}, "02:00", base::Seconds(7200), "Mars/Olympus"});
  const auto status = scenario.judge();
  EXPECT_EQ(condition_of(status, condition::kStalled).status, ConditionStatus::kTrue);
  EXPECT_EQ(condition_of(status, condition::kReady).reason, reason::kMaintenanceWindowInvalid);
}

TEST(Expiry, ChainRolesAreThoseOfTheServedOrder) {
  Scenario scenario;
  scenario.serve({&demo().leaf, &demo().intermediate, &demo().root});
  const auto status = scenario.judge();
  EXPECT_EQ(status.tls->chain[0].role, "leaf");
  EXPECT_EQ(status.tls->chain[1].role, "intermediate");
  EXPECT_EQ(status.tls->chain[2].role, "root");
}

}  // namespace
}  // namespace tlswarden::verdict

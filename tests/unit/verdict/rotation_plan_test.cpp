#include "verdict/rotation_plan.hpp"

#include <gtest/gtest.h>

#include "base/time_text.hpp"
#include "tests/unit/verdict/scenario.hpp"

namespace tlswarden::verdict {
namespace {

base::WallTime at(const char* text) {
  return base::parse_rfc3339(text).value();
}

resource::RotationSpec weekly(const char* zone, std::vector<std::string> days = {"Sat"},
                              const char* start = "02:00", base::Seconds duration = base::Seconds(7200)) {
  resource::RotationSpec rotation;
  rotation.maintenance_windows.push_back({std::move(days), start, duration, zone});
  return rotation;
}

TEST(RotationPlan, WithoutWindowsIsTheExpiryLessTheLeadTime) {
  const auto plan = plan_rotation({}, at("2026-12-10T00:00:00Z"), kNow).value();
  EXPECT_EQ(plan.rotate_by, at("2026-12-09T00:00:00Z"));
  EXPECT_FALSE(plan.window);
  EXPECT_FALSE(plan.no_window_left);
}

TEST(RotationPlan, IsTheEndOfTheLastWindowThatEndsBeforeThat) {
  // 2026-12-05 is a Saturday; Berlin is at UTC+1 in winter.
  const auto plan = plan_rotation(weekly("Europe/Berlin"), at("2026-12-10T00:00:00Z"), kNow).value();
  ASSERT_TRUE(plan.window);
  EXPECT_EQ(plan.window->start, at("2026-12-05T01:00:00Z"));
  EXPECT_EQ(plan.window->end, at("2026-12-05T03:00:00Z"));
  EXPECT_EQ(plan.rotate_by, plan.window->end);
  EXPECT_FALSE(plan.last_window) << "2026-11-28 comes before it";
}

TEST(RotationPlan, FollowsSummerTime) {
  const auto plan =
      plan_rotation(weekly("Europe/Berlin"), at("2026-07-15T00:00:00Z"), at("2026-06-01T00:00:00Z")).value();
  EXPECT_EQ(plan.window->start, at("2026-07-11T00:00:00Z"));
}

TEST(RotationPlan, AStartThatTheClocksSkipOrRepeatIsStillOneInstant) {
  // In New York 02:30 does not exist on 2026-03-08, and 01:30 occurs twice on 2026-11-01.
  const auto skipped = plan_rotation(weekly("America/New_York", {"Sun"}, "02:30"), at("2026-03-10T00:00:00Z"),
                                     at("2026-03-02T00:00:00Z"));
  EXPECT_EQ(skipped.value().window->start, at("2026-03-08T07:00:00Z"));
  const auto repeated = plan_rotation(weekly("America/New_York", {"Sun"}, "01:30"),
                                      at("2026-11-03T00:00:00Z"), at("2026-10-27T00:00:00Z"));
  EXPECT_EQ(repeated.value().window->start, at("2026-11-01T05:30:00Z"));
}

TEST(RotationPlan, SaysWhenNoWindowIsLeft) {
  const auto plan = plan_rotation(weekly("UTC"), kNow + 3 * kDay, kNow).value();
  EXPECT_TRUE(plan.no_window_left);
  EXPECT_FALSE(plan.window);
  EXPECT_EQ(plan.rotate_by, kNow + 2 * kDay);
}

TEST(RotationPlan, SaysWhenTheComingWindowIsTheLast) {
  EXPECT_TRUE(plan_rotation(weekly("UTC"), at("2026-12-04T00:00:00Z"), kNow).value().last_window);
}

TEST(RotationPlan, AWindowThatIsStillOpenCounts) {
  const auto open =
      plan_rotation(weekly("UTC"), at("2026-11-30T00:00:00Z"), at("2026-11-28T03:59:00Z")).value();
  EXPECT_TRUE(open.window);
  const auto over =
      plan_rotation(weekly("UTC"), at("2026-11-30T00:00:00Z"), at("2026-11-28T04:00:00Z")).value();
  EXPECT_TRUE(over.no_window_left);
}

TEST(RotationPlan, WithoutDaysEveryDayHasTheWindow) {
  const auto plan = plan_rotation(weekly("UTC", {}, "23:00"), at("2026-12-10T12:00:00Z"), kNow).value();
  EXPECT_EQ(plan.window->start, at("2026-12-08T23:00:00Z")) << "crosses midnight and ends on the 9th";
}

TEST(RotationPlan, TheLatestOfSeveralWindowsIsTaken) {
  auto rotation = weekly("UTC");
  rotation.maintenance_windows.push_back({{"Mon"}, "02:00", base::Seconds(3600), "UTC"});
  EXPECT_EQ(plan_rotation(rotation, at("2026-12-10T00:00:00Z"), kNow).value().window->start,
            at("2026-12-07T02:00:00Z"));
}

TEST(RotationPlan, RefusesWhatItCannotRead) {
  EXPECT_NE(
      plan_rotation(weekly("Europe/Berlni"), kNow + 90 * kDay, kNow).error().message.find("Europe/Berlni"),
      std::string::npos);
  EXPECT_FALSE(plan_rotation(weekly("UTC", {"Caturday"}), kNow + 90 * kDay, kNow));
  EXPECT_FALSE(plan_rotation(weekly("UTC", {}, "25:00"), kNow + 90 * kDay, kNow));
  EXPECT_FALSE(plan_rotation(weekly("UTC", {}, "2am"), kNow + 90 * kDay, kNow));
  EXPECT_FALSE(plan_rotation(weekly("UTC", {}, "02:00", base::Seconds(0)), kNow + 90 * kDay, kNow));
}

}  // namespace
}  // namespace tlswarden::verdict

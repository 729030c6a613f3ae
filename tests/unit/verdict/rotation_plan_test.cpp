#include "verdict/rotation_plan.hpp"

#include <gtest/gtest.h>

#include "base/time_text.hpp"
#include "tests/unit/verdict/scenario.hpp"
#include "verdict/weekly_window.hpp"

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

/// Of a certificate that has lived for long.
RotationPlan plan(const resource::RotationSpec& rotation, base::WallTime not_after,
                  base::WallTime now = kNow) {
  return plan_rotation(rotation, {not_after - 365 * kDay, not_after}, now).value();
}

TEST(RotationPlan, WithoutWindowsIsTheExpiryLessTheLeadTime) {
  const auto found = plan({}, at("2026-12-10T00:00:00Z"));
  EXPECT_EQ(found.rotate_by, at("2026-12-09T00:00:00Z"));
  EXPECT_EQ(found.deadline, found.rotate_by);
  EXPECT_FALSE(found.window);
  EXPECT_FALSE(found.no_window_left);
  EXPECT_FALSE(found.shortest_life);
}

TEST(RotationPlan, IsTheStartOfTheLastWindowThatEndsBeforeThat) {
  // 2026-12-05 is a Saturday; Berlin is at UTC+1 in winter.
  const auto found = plan(weekly("Europe/Berlin"), at("2026-12-10T00:00:00Z"));
  ASSERT_TRUE(found.window);
  EXPECT_EQ(found.window->start, at("2026-12-05T01:00:00Z"));
  EXPECT_EQ(found.window->end, at("2026-12-05T03:00:00Z"));
  EXPECT_EQ(found.rotate_by, found.window->start);
  EXPECT_EQ(found.time_zone, "Europe/Berlin");
  EXPECT_FALSE(found.last_window) << "2026-11-28 comes before it";
}

TEST(RotationPlan, AWindowThatEndsAfterTheDeadlineIsOfNoUse) {
  const auto rotation = weekly("UTC");
  EXPECT_EQ(plan(rotation, at("2026-12-06T04:00:00Z")).rotate_by, at("2026-12-05T02:00:00Z"));
  EXPECT_EQ(plan(rotation, at("2026-12-06T03:59:59Z")).rotate_by, at("2026-11-28T02:00:00Z"));
}

TEST(RotationPlan, FollowsSummerTime) {
  const auto found = plan(weekly("Europe/Berlin"), at("2026-07-15T00:00:00Z"), at("2026-06-01T00:00:00Z"));
  EXPECT_EQ(found.window->start, at("2026-07-11T00:00:00Z"));
}

TEST(RotationPlan, AStartThatTheClocksSkipOrRepeatIsStillOneInstant) {
  // In New York 02:30 does not exist on 2026-03-08, and 01:30 occurs twice on 2026-11-01.
  EXPECT_EQ(plan(weekly("America/New_York", {"Sun"}, "02:30"), at("2026-03-10T00:00:00Z"),
                 at("2026-03-02T00:00:00Z"))
                .rotate_by,
            at("2026-03-08T07:00:00Z"));
  EXPECT_EQ(plan(weekly("America/New_York", {"Sun"}, "01:30"), at("2026-11-03T00:00:00Z"),
                 at("2026-10-27T00:00:00Z"))
                .rotate_by,
            at("2026-11-01T05:30:00Z"));
}

TEST(RotationPlan, AWindowAcrossAChangeOfTheClocksLastsAsLongAsDeclared) {
  // Berlin's clocks go from 02:00 to 03:00 on 2026-03-29: 23:00 to 05:00 is five hours on that night.
  const auto found = plan(weekly("Europe/Berlin", {"Sat"}, "23:00", base::Seconds(6 * 3600)),
                          at("2026-03-31T00:00:00Z"), at("2026-03-20T00:00:00Z"));
  EXPECT_EQ(found.window->end - found.window->start, base::Seconds(6 * 3600));
  EXPECT_EQ(local_text(*found.window, found.time_zone),
            "Sat 2026-03-28 23:00 to Sun 2026-03-29 06:00 Europe/Berlin");
}

struct Place {
  const char* zone;
  const char* opens;  ///< Saturday 2026-12-05 02:00 there
};

TEST(RotationPlan, KnowsZonesWithOddOffsetsAndBothSidesOfTheDateLine) {
  for (const Place& place :
       {Place{"Asia/Kathmandu", "2026-12-04T20:15:00Z"}, Place{"America/St_Johns", "2026-12-05T05:30:00Z"},
        Place{"Pacific/Apia", "2026-12-04T13:00:00Z"}, Place{"Pacific/Pago_Pago", "2026-12-05T13:00:00Z"},
        Place{"Pacific/Chatham", "2026-12-04T12:15:00Z"},
        Place{"Australia/Lord_Howe", "2026-12-04T15:00:00Z"}}) {
    EXPECT_EQ(plan(weekly(place.zone), at("2026-12-08T00:00:00Z")).rotate_by, at(place.opens)) << place.zone;
  }
}

TEST(RotationPlan, ClocksThatGoBackOverMidnightHideNoWindow) {
  // In St. John's it became Saturday 23:01 again at 00:01 on Sunday 2010-11-07.
  EXPECT_EQ(plan(weekly("America/St_Johns", {"Sun"}, "00:00", base::Seconds(1800)),
                 at("2010-11-08T03:15:00Z"), at("2010-11-01T00:00:00Z"))
                .rotate_by,
            at("2010-11-07T02:30:00Z"));
}

TEST(RotationPlan, ADayThatAZoneLeftOutOpensItsWindowWhenTheNextOneBegins) {
  // Samoa went from Thursday 2011-12-29 straight to Saturday the 31st.
  const auto found =
      plan(weekly("Pacific/Apia", {"Fri"}), at("2012-01-02T00:00:00Z"), at("2011-12-25T00:00:00Z"));
  EXPECT_EQ(found.rotate_by, at("2011-12-30T10:00:00Z"));
}

TEST(RotationPlan, SaysWhenNoWindowIsLeftAndDoesNotMove) {
  const auto found = plan(weekly("UTC"), kNow + 3 * kDay);
  EXPECT_TRUE(found.no_window_left);
  EXPECT_FALSE(found.window);
  EXPECT_EQ(found.rotate_by, at("2026-11-21T02:00:00Z"));
  EXPECT_EQ(found.deadline, kNow + 2 * kDay);
}

TEST(RotationPlan, SaysWhenTheComingWindowIsTheLast) {
  const auto rotation = weekly("UTC");
  EXPECT_FALSE(plan(rotation, at("2026-11-30T00:00:00Z"), at("2026-11-21T03:59:59Z")).last_window);
  EXPECT_TRUE(plan(rotation, at("2026-11-30T00:00:00Z"), at("2026-11-21T04:00:00Z")).last_window);
}

TEST(RotationPlan, AWindowThatIsStillOpenCounts) {
  const auto open = plan(weekly("UTC"), at("2026-11-30T00:00:00Z"), at("2026-11-28T03:59:59Z"));
  EXPECT_TRUE(open.window);
  EXPECT_TRUE(plan(weekly("UTC"), at("2026-11-30T00:00:00Z"), at("2026-11-28T04:00:00Z")).no_window_left);
}

TEST(RotationPlan, WithoutDaysEveryDayHasTheWindow) {
  EXPECT_EQ(plan(weekly("UTC", {}, "23:00"), at("2026-12-10T12:00:00Z")).rotate_by,
            at("2026-12-08T23:00:00Z"))
      << "crosses midnight and ends on the 9th";
}

TEST(RotationPlan, TheLatestOfSeveralWindowsIsTaken) {
  auto rotation = weekly("UTC");
  rotation.maintenance_windows.push_back({{"Mon"}, "02:00", base::Seconds(3600), "UTC"});
  EXPECT_EQ(plan(rotation, at("2026-12-10T00:00:00Z")).rotate_by, at("2026-12-07T02:00:00Z"));
}

TEST(RotationPlan, AfterTheLastToOpenALongerOneThatIsStillOpenServes) {
  auto rotation = weekly("UTC", {"Sat"}, "00:00", base::Seconds(86400));
  rotation.maintenance_windows.push_back({{"Sat"}, "10:00", base::Seconds(3600), "UTC"});
  const auto found = plan(rotation, at("2026-12-10T00:00:00Z"), at("2026-12-05T12:00:00Z"));
  EXPECT_EQ(found.rotate_by, at("2026-12-05T10:00:00Z"));
  ASSERT_TRUE(found.window);
  EXPECT_EQ(found.window->end, at("2026-12-06T00:00:00Z"));
}

TEST(RotationPlan, AWindowBeforeTheCertificateWasIssuedIsNone) {
  // Six days from Sunday noon to Saturday noon, less a day: the Saturday windows lie outside.
  const auto found = plan_rotation(weekly("UTC"), {kNow, kNow + 6 * kDay}, kNow).value();
  EXPECT_EQ(found.rotate_by, kNow + 5 * kDay);
  EXPECT_FALSE(found.window);
  EXPECT_FALSE(found.no_window_left) << "nothing was missed";
  EXPECT_EQ(found.shortest_life, 8 * kDay + base::Seconds(7200));
}

TEST(RotationPlan, TellsHowLongACertificateWouldHaveToLive) {
  const auto life = [](const resource::RotationSpec& rotation, int days) {
    return plan_rotation(rotation, {kNow, kNow + days * kDay - base::Seconds(1)}, kNow).value().shortest_life;
  };
  EXPECT_EQ(life(weekly("Europe/Berlin"), 8), 8 * kDay + base::Seconds(7200));
  EXPECT_FALSE(life(weekly("Europe/Berlin"), 9));
  EXPECT_FALSE(life(weekly("Asia/Kathmandu", {}), 6)) << "every day";
  auto twice = weekly("UTC", {"Sat"});
  twice.maintenance_windows.push_back({{"Tue"}, "02:00", base::Seconds(7200), "UTC"});
  EXPECT_EQ(life(twice, 5), 5 * kDay + base::Seconds(7200)) << "four days from Tuesday to Saturday";
  resource::RotationSpec slow;
  slow.lead_time = 90 * kDay;
  EXPECT_TRUE(life(slow, 47));
  EXPECT_FALSE(life(slow, 365));
}

TEST(RotationPlan, RefusesWhatItCannotRead) {
  const auto read = [](const resource::RotationSpec& rotation) {
    return plan_rotation(rotation, {kNow, kNow + 90 * kDay}, kNow);
  };
  EXPECT_NE(read(weekly("Europe/Berlni")).error().message.find("Europe/Berlni"), std::string::npos);
  EXPECT_FALSE(read(weekly("UTC", {"Caturday"})));
  EXPECT_FALSE(read(weekly("UTC", {}, "25:00")));
  EXPECT_FALSE(read(weekly("UTC", {}, "2am")));
  EXPECT_FALSE(read(weekly("UTC", {}, "02:00", base::Seconds(0))));
}

}  // namespace
}  // namespace tlswarden::verdict

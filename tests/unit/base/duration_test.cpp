#include "base/duration.hpp"

#include <gmock/gmock.h>

namespace tlswarden::base {
namespace {

using ::testing::HasSubstr;

struct Spelling {
  const char* text;
  std::int64_t seconds;
};

class Durations : public ::testing::TestWithParam<Spelling> {};
INSTANTIATE_TEST_SUITE_P(Table, Durations,
                         ::testing::Values(Spelling{"0s", 0}, Spelling{"90s", 90}, Spelling{"5m", 300},
                                           Spelling{"1h30m", 5400}, Spelling{"28d", 28 * 86400},
                                           Spelling{"2w", 14 * 86400}, Spelling{"1w2d3h4m5s", 788645},
                                           Spelling{"36500d", std::int64_t{36500} * 86400}));

TEST_P(Durations, AreReadInSeconds) {
  const auto span = parse_duration(GetParam().text);
  ASSERT_TRUE(span) << span.error().message;
  EXPECT_EQ(span->count(), GetParam().seconds);
}

TEST_P(Durations, AreWrittenAsTheyAreReadBack) {
  const std::string written = format_duration(Seconds{GetParam().seconds});
  EXPECT_EQ(parse_duration(written)->count(), GetParam().seconds) << written;
}

TEST(FormatDuration, IsShortestInDaysAndBelow) {
  EXPECT_EQ(format_duration(Seconds{0}), "0s");
  EXPECT_EQ(format_duration(Seconds{5400}), "1h30m");
  EXPECT_EQ(format_duration(Seconds{14 * 86400}), "14d");
}

class NoDurations : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Table, NoDurations,
                         ::testing::Values("", "5", "s", "5 m", "-5m", "+5m", "1m1h", "1h1h", "1.5h", "5min",
                                           "1y", "5m ", " 5m", "0x5m", "99999999999999999999s", "5M"));

TEST_P(NoDurations, AreRefusedWithExamples) {
  const auto span = parse_duration(GetParam());
  ASSERT_FALSE(span);
  EXPECT_THAT(span.error().message, HasSubstr("1h30m"));
}

TEST(ParseDuration, RefusesMoreThanAHundredYearsInOnePartOrInTheSum) {
  for (const char* text : {"36501d", "5215w", "36500d1s", "9223372036854775807s"}) {
    const auto span = parse_duration(text);
    ASSERT_FALSE(span) << text;
    EXPECT_THAT(span.error().message, HasSubstr("longer than 100 years"));
  }
}

TEST(ParseDuration, ShowsOnlyTheBeginningOfALongText) {
  const auto span = parse_duration(std::string(10000, 'x'));
  ASSERT_FALSE(span);
  EXPECT_LT(span.error().message.size(), 200U);
}

TEST(DescribeDistance, UsesTheLargestUnitOfWhichThereAreTwo) {
  constexpr WallTime kNow{Seconds{1'000'000'000}};
  EXPECT_EQ(describe_distance(kNow, kNow + Seconds{12 * 86400}), "in 12 days");
  EXPECT_EQ(describe_distance(kNow, kNow - Seconds{3 * 3600}), "3 hours ago");
  EXPECT_EQ(describe_distance(kNow, kNow + Seconds{36 * 3600}), "in 36 hours");
  EXPECT_EQ(describe_distance(kNow, kNow + Seconds{90}), "in 90 seconds");
  EXPECT_EQ(describe_distance(kNow, kNow + Seconds{1}), "in 1 second");
  EXPECT_EQ(describe_distance(kNow, kNow), "in 0 seconds");
}

}  // namespace
}  // namespace tlswarden::base

#include "base/time_text.hpp"

#include <gmock/gmock.h>

namespace tlswarden::base {
namespace {

using ::testing::HasSubstr;

constexpr WallTime kNoon{Seconds{1'772'366'400}};  // 2026-03-01T12:00:00Z

TEST(FormatTime, IsUtcInWholeSeconds) {
  EXPECT_EQ(format_rfc3339(kNoon), "2026-03-01T12:00:00Z");
  EXPECT_EQ(format_date(kNoon), "2026-03-01");
  EXPECT_EQ(format_rfc3339(WallTime{Seconds{-1}}), "1969-12-31T23:59:59Z");
}

struct Instant {
  const char* text;
  WallTime time;
};

class Instants : public ::testing::TestWithParam<Instant> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Instants,
    ::testing::Values(Instant{"2026-03-01T12:00:00Z", kNoon}, Instant{"2026-03-01T12:00:00z", kNoon},
                      Instant{"2026-03-01T14:00:00+02:00", kNoon}, Instant{"2026-03-01T12:00:00.999Z", kNoon},
                      Instant{"2026-03-01T12:00:00.999999Z", kNoon},
                      Instant{"2026-03-01", kNoon - Seconds{12 * 3600}},
                      Instant{"+30d", kNoon + Seconds{30 * 86400}}, Instant{"-2h", kNoon - Seconds{7200}}));

TEST_P(Instants, AreReadFromDatesTimesAndDistances) {
  const auto time = parse_instant(GetParam().text, kNoon);
  ASSERT_TRUE(time) << time.error().message;
  EXPECT_EQ(*time, GetParam().time);
}

class NoInstants : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Table, NoInstants,
                         ::testing::Values("", "tomorrow", "2026-13-01", "2026-02-30", "2026-03-01T25:00:00Z",
                                           "2026-03-01 12:00", "2026-03-01T12:00:00", "+", "+30", "-x",
                                           "2026-03-01T12:00:00Zjunk", "01/03/2026"));

TEST_P(NoInstants, AreRefused) {
  EXPECT_FALSE(parse_instant(GetParam(), kNoon));
}

TEST(ParseInstant, SaysWhatIsAccepted) {
  EXPECT_THAT(parse_instant("tomorrow", kNoon).error().message, HasSubstr("2026-03-01T12:00:00Z"));
  EXPECT_EQ(parse_instant("90d", kNoon).error().message,
            "'90d' is a duration; write +90d for that long from now");
  EXPECT_EQ(parse_instant("+90", kNoon).error().message,
            "'90' is no duration; write it as 90s, 5m, 1h30m, 28d or 2w, behind the + or -");
  EXPECT_EQ(parse_instant("+1000000d", kNoon).error().message,
            "'1000000d' is longer than 100 years; name a shorter time, or a date");
}

}  // namespace
}  // namespace tlswarden::base

#include "verdict/thresholds.hpp"

#include <gtest/gtest.h>

namespace tlswarden::verdict {
namespace {

using base::Seconds;

constexpr Seconds kDay{86400};
constexpr Seconds kHour{3600};

struct Life {
  const char* name;
  int days;
  Seconds warn, critical;
};

class Defaults : public ::testing::TestWithParam<Life> {};
INSTANTIATE_TEST_SUITE_P(
    Lives, Defaults,
    ::testing::Values(Life{"Year", 365, 28 * kDay, 14 * kDay}, Life{"NinetyDays", 90, 28 * kDay, 14 * kDay},
                      Life{"FortySevenDays", 47, 15 * kDay + 16 * kHour, 7 * kDay + 20 * kHour},
                      Life{"SixDays", 6, 2 * kDay, kDay}),
    [](const auto& param) { return param.param.name; });

TEST_P(Defaults, AreAThirdAndASixthOfTheLifeBut28And14DaysAtMost) {
  const Thresholds found = thresholds_for({}, GetParam().days * kDay);
  EXPECT_EQ(found.warn, GetParam().warn);
  EXPECT_EQ(found.critical, GetParam().critical);
  EXPECT_FALSE(found.warn_replaced || found.critical_replaced);
}

TEST_P(Defaults, StandInForDurationsThatWereMeantForLongerLives) {
  resource::RotationSpec rotation;
  rotation.warn_before = resource::Threshold{28 * kDay, std::nullopt};
  rotation.critical_before = resource::Threshold{14 * kDay, std::nullopt};
  const Thresholds found = thresholds_for(rotation, GetParam().days * kDay);
  EXPECT_EQ(found.warn, GetParam().warn);
  EXPECT_EQ(found.warn_replaced, GetParam().days < 56);
  EXPECT_EQ(found.critical, GetParam().days == 6 ? GetParam().critical : 14 * kDay);
  EXPECT_EQ(found.critical_replaced, GetParam().days < 28);
}

TEST(Thresholds, ADeclaredShareIsTakenAsItIs) {
  resource::RotationSpec rotation;
  rotation.warn_before = resource::Threshold{std::nullopt, 80};
  rotation.critical_before = resource::Threshold{std::nullopt, 10};
  const Thresholds found = thresholds_for(rotation, 90 * kDay);
  EXPECT_EQ(found.warn, 72 * kDay);
  EXPECT_EQ(found.critical, 9 * kDay);
}

TEST(Thresholds, CriticalNeverComesBeforeAWarningThatWasReplaced) {
  resource::RotationSpec rotation;
  rotation.warn_before = resource::Threshold{28 * kDay, std::nullopt};
  rotation.critical_before = resource::Threshold{20 * kDay, std::nullopt};
  const Thresholds found = thresholds_for(rotation, 47 * kDay);
  EXPECT_EQ(found.warn, 47 * kDay / 3);
  EXPECT_EQ(found.critical, 47 * kDay / 6);
  EXPECT_TRUE(found.critical_replaced);
}

TEST(Thresholds, TheDefaultOfCriticalNeverComesBeforeAWarning) {
  resource::RotationSpec rotation;
  rotation.warn_before = resource::Threshold{7 * kDay, std::nullopt};
  EXPECT_EQ(thresholds_for(rotation, 365 * kDay).warn, 7 * kDay);
  EXPECT_EQ(thresholds_for(rotation, 365 * kDay).critical, 7 * kDay / 2);
  EXPECT_FALSE(thresholds_for(rotation, 365 * kDay).critical_replaced) << "nothing was declared";
  rotation.warn_before = resource::Threshold{std::nullopt, 10};
  EXPECT_EQ(thresholds_for(rotation, 47 * kDay).critical, 47 * kDay / 20);
  EXPECT_EQ(thresholds_for(rotation, 365 * kDay).critical, 14 * kDay) << "shorter by itself";
}

TEST(Thresholds, WithoutALifetimeTheMostApplies) {
  EXPECT_EQ(thresholds_for({}, std::nullopt).warn, 28 * kDay);
  resource::RotationSpec rotation;
  rotation.warn_before = resource::Threshold{60 * kDay, std::nullopt};
  rotation.critical_before = resource::Threshold{std::nullopt, 10};
  EXPECT_EQ(thresholds_for(rotation, std::nullopt).warn, 60 * kDay);
  EXPECT_EQ(thresholds_for(rotation, std::nullopt).critical, 14 * kDay);
}

}  // namespace
}  // namespace tlswarden::verdict

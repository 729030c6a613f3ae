#include "reconcile/dates.hpp"

#include <gtest/gtest.h>

namespace tlswarden::reconcile {
namespace {

const base::WallTime kNow{base::Seconds(1'750'000'000)};

TEST(NextJudgement, comes_within_ten_minutes_in_any_case) {
  EXPECT_EQ(next_judgement({}, {}, kNow), kNow + base::Seconds(600));
}

TEST(NextJudgement, does_not_sleep_through_the_dates_of_revocation_lists) {
  EXPECT_EQ(next_judgement({}, {}, kNow, {kNow - base::Seconds(9), kNow, kNow + base::Seconds(42)}),
            kNow + base::Seconds(42));
}

}  // namespace
}  // namespace tlswarden::reconcile

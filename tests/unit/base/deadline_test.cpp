#include "base/deadline.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace tlswarden::base {
namespace {

using std::chrono::seconds;

TEST(Deadline, RunsOutAfterItsSpan) {
  test_support::FakeClock clock(WallTime{});
  const Deadline deadline = Deadline::after(clock, seconds(10));
  EXPECT_FALSE(deadline.passed(clock.monotonic()));
  EXPECT_EQ(deadline.left(clock.monotonic()), seconds(10));
  clock.advance(seconds(10));
  EXPECT_TRUE(deadline.passed(clock.monotonic()));
  clock.advance(seconds(5));
  EXPECT_EQ(deadline.left(clock.monotonic()), seconds(0));
}

TEST(Deadline, AStageGetsItsShareButNeverMoreThanTheWhole) {
  const test_support::FakeClock clock(WallTime{});
  const Deadline whole = Deadline::after(clock, seconds(10));
  EXPECT_EQ(whole.at_most(clock.monotonic(), seconds(3)).left(clock.monotonic()), seconds(3));
  EXPECT_EQ(whole.at_most(clock.monotonic(), seconds(30)).at(), whole.at());
}

}  // namespace
}  // namespace tlswarden::base

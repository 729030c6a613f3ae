#include "kube/api_request.hpp"

#include <gtest/gtest.h>

#include "kube/write_budget.hpp"
#include "tests/support/fake_clock.hpp"

namespace tlswarden::kube {
namespace {

TEST(ApiRequestTest, queries_are_encoded) {
  EXPECT_EQ(target_of({.path = "/api/v1/secrets",
                       .query = {{"fieldSelector", "metadata.name=a b&c"}, {"limit", "500"}}}),
            "/api/v1/secrets?fieldSelector=metadata.name%3Da%20b%26c&limit=500");
  EXPECT_EQ(target_of({.path = "/api"}), "/api");
}

TEST(ApiRequestTest, a_name_cannot_leave_its_segment) {
  EXPECT_EQ(path_segment("pg-1.x"), "pg-1.x");
  EXPECT_EQ(path_segment("../x?y#z\r\n"), "..%2Fx%3Fy%23z%0D%0A");
  EXPECT_EQ(path_segment(".."), "%2E%2E");
}

TEST(WriteBudgetTest, a_burst_is_free_and_then_each_write_waits_its_turn) {
  test_support::FakeClock clock{base::WallTime{}};
  WriteBudget budget(clock, 4, 2);
  using std::chrono::milliseconds;
  EXPECT_EQ(budget.take(), milliseconds(0));
  EXPECT_EQ(budget.take(), milliseconds(0));
  EXPECT_EQ(budget.take(), milliseconds(250));
  EXPECT_EQ(budget.take(), milliseconds(500));
  clock.advance(base::Seconds(1));
  EXPECT_EQ(budget.take(), milliseconds(0));
  clock.advance(base::Seconds(3600));
  EXPECT_EQ(budget.take(), milliseconds(0));
  EXPECT_EQ(budget.take(), milliseconds(0));
  EXPECT_EQ(budget.take(), milliseconds(250));
}

}  // namespace
}  // namespace tlswarden::kube

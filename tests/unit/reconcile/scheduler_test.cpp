#include "reconcile/scheduler.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "tests/support/fake_clock.hpp"

namespace tlswarden::reconcile {
namespace {

using base::Seconds;
using test_support::FakeClock;
using test_support::FakeRandom;
using Work = Scheduler::Work;

constexpr base::WallTime kStart{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

class SchedulerTest : public ::testing::Test {
 protected:
  /// How long until the next work is due.
  Seconds wait() const { return std::chrono::duration_cast<Seconds>(scheduler_.until_next()); }
  void finish_check(int failures = 0) { scheduler_.finished("a", Work::kCheck, {failures, std::nullopt}); }
  /// Moves the clock until `key` is due and says how long that took.
  Seconds seconds_until_due() {
    for (Seconds passed{0}; passed < Seconds(7200); ++passed) {
      if (scheduler_.pop()) return passed;
      clock_.advance(Seconds(1));
    }
    return Seconds(-1);
  }

  FakeClock clock_{kStart};
  FakeRandom random_{0.5};  // neither early nor late
  Scheduler scheduler_{clock_, random_};
};

TEST_F(SchedulerTest, a_new_endpoint_without_spread_is_due_at_once_and_only_once) {
  scheduler_.put("a", {Seconds(300)}, Seconds(0));
  const auto due = scheduler_.pop();
  ASSERT_TRUE(due);
  EXPECT_EQ(due->key, "a");
  EXPECT_EQ(due->work, Work::kCheck);
  EXPECT_FALSE(scheduler_.pop());
}

TEST_F(SchedulerTest, first_checks_fall_within_the_spread) {
  scheduler_.put("a", {Seconds(300)}, Seconds(60));
  EXPECT_FALSE(scheduler_.pop());
  EXPECT_EQ(seconds_until_due(), Seconds(30));
}

TEST_F(SchedulerTest, a_checked_endpoint_is_due_after_its_interval) {
  scheduler_.put("a", {Seconds(300)}, Seconds(0));
  scheduler_.pop();
  finish_check();
  EXPECT_EQ(seconds_until_due(), Seconds(300));
}

TEST_F(SchedulerTest, a_check_that_left_something_unsettled_is_repeated_within_the_time_it_names) {
  scheduler_.put("a", {Seconds(300)}, Seconds(0));
  scheduler_.pop();
  scheduler_.finished("a", Work::kCheck, {0, std::nullopt, Seconds(5)});
  EXPECT_EQ(seconds_until_due(), Seconds(5));
  scheduler_.finished("a", Work::kCheck, {0, std::nullopt, Seconds(1000)});
  EXPECT_EQ(seconds_until_due(), Seconds(300)) << "it is never put off";
}

struct Jitter {
  double random;
  Seconds expected;
};
class SchedulerJitterTest : public ::testing::TestWithParam<Jitter> {};

TEST_P(SchedulerJitterTest, the_interval_varies_by_a_tenth_at_most) {
  FakeClock clock(kStart);
  FakeRandom random(GetParam().random);
  Scheduler scheduler(clock, random);
  scheduler.put("a", {Seconds(100)}, Seconds(0));
  scheduler.pop();
  scheduler.finished("a", Work::kCheck, {});
  clock.advance(GetParam().expected - Seconds(1));
  EXPECT_FALSE(scheduler.pop());
  clock.advance(Seconds(1));
  EXPECT_TRUE(scheduler.pop());
}

INSTANTIATE_TEST_SUITE_P(Jitters, SchedulerJitterTest,
                         ::testing::Values(Jitter{0.0, Seconds(90)}, Jitter{0.5, Seconds(100)},
                                           Jitter{0.9999999, Seconds(110)}));

struct Retry {
  int failures;
  Seconds interval, expected;
};
class SchedulerRetryTest : public ::testing::TestWithParam<Retry> {};

TEST_P(SchedulerRetryTest, failures_are_looked_at_again_sooner_with_growing_distance) {
  FakeClock clock(kStart);
  FakeRandom random(0.9999999999);
  Scheduler scheduler(clock, random);
  scheduler.put("a", {GetParam().interval}, Seconds(0));
  scheduler.pop();
  scheduler.finished("a", Work::kCheck, {GetParam().failures, std::nullopt});
  clock.advance(GetParam().expected - Seconds(1));
  EXPECT_FALSE(scheduler.pop());
  clock.advance(Seconds(1));
  EXPECT_TRUE(scheduler.pop());
}

INSTANTIATE_TEST_SUITE_P(
    Retries, SchedulerRetryTest,
    ::testing::Values(Retry{1, Seconds(300), Seconds(15)}, Retry{2, Seconds(300), Seconds(30)},
                      Retry{3, Seconds(300), Seconds(60)}, Retry{5, Seconds(300), Seconds(240)},
                      Retry{6, Seconds(300), Seconds(300)}, Retry{1'000'000, Seconds(300), Seconds(300)},
                      Retry{1, Seconds(5), Seconds(5)}));

TEST_F(SchedulerTest, a_changed_plan_is_due_at_once_even_long_before_its_time) {
  scheduler_.put("a", {Seconds(3600)}, Seconds(0));
  scheduler_.pop();
  finish_check();
  scheduler_.put("a", {Seconds(60)}, Seconds(0));
  EXPECT_TRUE(scheduler_.pop());
}

TEST_F(SchedulerTest, a_plan_that_changes_during_a_check_is_due_when_the_check_ends) {
  scheduler_.put("a", {Seconds(3600)}, Seconds(0));
  scheduler_.pop();
  scheduler_.put("a", {Seconds(3600)}, Seconds(0));
  EXPECT_FALSE(scheduler_.pop()) << "never two checks of one endpoint at a time";
  finish_check();
  EXPECT_TRUE(scheduler_.pop());
  finish_check();
  EXPECT_FALSE(scheduler_.pop());
}

TEST_F(SchedulerTest, a_suspended_endpoint_is_never_due_until_it_is_resumed) {
  scheduler_.put("a", {Seconds(300), true}, Seconds(0));
  clock_.advance(Seconds(100000));
  EXPECT_FALSE(scheduler_.pop());
  EXPECT_FALSE(scheduler_.next_due());
  scheduler_.put("a", {Seconds(300), false}, Seconds(0));
  EXPECT_TRUE(scheduler_.pop());
}

TEST_F(SchedulerTest, suspension_during_a_check_holds_when_the_check_ends) {
  scheduler_.put("a", {Seconds(300)}, Seconds(0));
  scheduler_.pop();
  scheduler_.put("a", {Seconds(300), true}, Seconds(0));
  finish_check();
  clock_.advance(Seconds(1000));
  EXPECT_FALSE(scheduler_.pop());
}

TEST_F(SchedulerTest, a_removed_endpoint_is_gone_whether_waiting_or_being_checked) {
  scheduler_.put("a", {Seconds(300)}, Seconds(0));
  scheduler_.remove("a");
  EXPECT_FALSE(scheduler_.pop());
  scheduler_.put("a", {Seconds(300)}, Seconds(0));
  scheduler_.pop();
  scheduler_.remove("a");
  finish_check();
  clock_.advance(Seconds(1000));
  EXPECT_FALSE(scheduler_.pop());
  EXPECT_EQ(scheduler_.size(), 0U);
}

TEST_F(SchedulerTest, a_date_that_passes_asks_for_judgement_without_a_check) {
  scheduler_.put("a", {Seconds(3600)}, Seconds(0));
  scheduler_.pop();
  scheduler_.finished("a", Work::kCheck, {0, kStart + Seconds(100)});
  clock_.advance(Seconds(99));
  EXPECT_FALSE(scheduler_.pop());
  clock_.advance(Seconds(1));
  const auto due = scheduler_.pop();
  ASSERT_TRUE(due);
  EXPECT_EQ(due->work, Work::kJudge);
  scheduler_.finished("a", Work::kJudge, {0, std::nullopt});
  EXPECT_EQ(seconds_until_due(), Seconds(3500)) << "a judgement does not put the check off";
}

TEST_F(SchedulerTest, the_longest_overdue_comes_first_and_its_lag_is_told) {
  scheduler_.put("late", {Seconds(300)}, Seconds(0));
  clock_.advance(Seconds(5));
  scheduler_.put("later", {Seconds(300)}, Seconds(0));
  clock_.advance(Seconds(2));
  const auto first = scheduler_.pop();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->key, "late");
  EXPECT_EQ(first->lag, Seconds(7));
  EXPECT_EQ(scheduler_.pop()->lag, Seconds(2));
}

TEST_F(SchedulerTest, it_never_sleeps_longer_than_half_a_minute) {
  EXPECT_EQ(wait(), Seconds(30));
  scheduler_.put("a", {Seconds(3600)}, Seconds(0));
  EXPECT_EQ(wait(), Seconds(0));
  scheduler_.pop();
  finish_check();
  EXPECT_EQ(wait(), Seconds(30));
  clock_.advance(Seconds(3590));
  EXPECT_EQ(wait(), Seconds(10));
}

}  // namespace
}  // namespace tlswarden::reconcile

#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/kube/simulated_members.hpp"

namespace tlswarden::kube::simulation {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// How much longer than by the fastest clock a duration may be by this one, and a tick.
constexpr milliseconds kClocks = kDuration / 100 + 2 * kTick;
/// What an answer, a wait between renewals and an event add when all is well.
constexpr milliseconds kNetwork{500};

/// A cluster, and how long each uid was owned by two and by none.
class MemberCluster : public ::testing::TestWithParam<int> {
 protected:
  void start(const std::string& identity) {
    replicas_.push_back(std::make_unique<Replica>(server_, dice_, identity, ++processes_));
    names_.push_back(identity);
  }
  void start_new() { start("pod-" + std::to_string(processes_)); }
  void end(std::size_t index) {
    replicas_.erase(replicas_.begin() + static_cast<std::ptrdiff_t>(index));
    names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  void run(milliseconds span) {
    for (const milliseconds until = now_ + span; now_ < until; now_ += kTick) {
      for (const auto& replica : replicas_)
        replica->step(now_);
      count();
    }
  }
  void count() {
    for (const std::string& uid : uids_) {
      std::size_t owners = 0;
      for (const auto& replica : replicas_)
        owners += replica->owns(uid, now_) ? 1 : 0;
      longest_double_ = std::max(longest_double_, lasts(double_since_[uid], owners > 1));
      longest_gap_ = std::max(longest_gap_, lasts(gap_since_[uid], owners == 0));
    }
  }
  milliseconds lasts(std::optional<milliseconds>& since, bool holds) const {
    if (!holds) {
      since.reset();
      return milliseconds(0);
    }
    if (!since) since = now_;
    return now_ - *since;
  }
  /// Forgets what was measured so far.
  void measure() {
    longest_double_ = longest_gap_ = milliseconds(0);
    double_since_.clear();
    gap_since_.clear();
  }
  /// All is well: each is owned by one, and all agree on who is there.
  void expect_quiet() {
    measure();
    run(seconds(20));
    EXPECT_EQ(longest_double_.count(), 0);
    EXPECT_EQ(longest_gap_.count(), 0);
    for (const auto& replica : replicas_)
      EXPECT_EQ(replica->members(now_).size(), replicas_.size());
  }
  std::size_t owner_of(const std::string& uid) const {
    std::size_t index = 0;
    while (!replicas_.at(index)->owns(uid, now_))
      ++index;
    return index;
  }
  Replica& any() { return *replicas_[dice_.below(replicas_.size())]; }

  /// One of everything that may befall a replica, its network or the server.
  void disturb();

  Dice dice_{static_cast<std::uint64_t>(GetParam())};
  Server server_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::vector<std::string> names_;  ///< the identities
  int processes_ = 0;
  milliseconds now_{1000};
  const std::vector<std::string> uids_{"leader", "u1", "u2", "u3", "u4", "u5", "u6", "u7"};
  std::map<std::string, std::optional<milliseconds>> double_since_, gap_since_;
  milliseconds longest_double_{0}, longest_gap_{0};
};

void MemberCluster::disturb() {
  const std::size_t which = dice_.below(replicas_.size());
  Replica& victim = *replicas_[which];
  switch (dice_.below(12)) {
    case 0:
      victim.paused_until = now_ + dice_.between(seconds(1), seconds(25));
      break;
    case 1:
      victim.writes_lost = !victim.writes_lost;
      break;
    case 2:
      victim.answers_lost = !victim.answers_lost;
      break;
    case 3:
      victim.watch_silent = !victim.watch_silent;
      break;
    case 4:
      victim.slowness = dice_.between(milliseconds(2), seconds(6));
      break;
    case 5:
      if (replicas_.size() > 1) end(which);
      break;
    case 6:
      victim.leave(now_);
      end(which);
      start_new();
      break;
    case 7:
      if (replicas_.size() < 6) start_new();
      break;
    case 8:
      // A second process of the same identity.
      if (replicas_.size() < 6) start(names_[which]);
      break;
    case 9:
      server_.away = !server_.away;
      break;
    case 10:
      victim.reads_lost = !victim.reads_lost;
      break;
    default:
      for (const auto& replica : replicas_)
        replica->writes_lost = replica->answers_lost = replica->reads_lost = replica->watch_silent = false;
      server_.away = false;
  }
}

TEST_P(MemberCluster, two_never_own_the_same_for_longer_than_a_duration_whatever_happens) {
  for (int i = 0; i < 4; ++i)
    start_new();
  for (int i = 0; i < 150; ++i) {
    run(dice_.between(milliseconds(100), seconds(6)));
    disturb();
  }
  EXPECT_LE(longest_double_, kDuration + kClocks);
}

TEST_P(MemberCluster, at_rest_each_is_owned_by_exactly_one) {
  for (int i = 0; i < 5; ++i)
    start_new();
  run(seconds(25));
  expect_quiet();
}

TEST_P(MemberCluster, of_one_that_dies_everything_is_taken_over_within_15_seconds) {
  for (int i = 0; i < 4; ++i)
    start_new();
  run(seconds(25));
  for (int i = 0; i < 3; ++i) {
    expect_quiet();
    run(dice_.between(milliseconds(0), seconds(3)));
    measure();
    end(owner_of(uids_.front()));
    run(seconds(25));
    EXPECT_GT(longest_gap_, kDuration - kRenewal * 2);
    EXPECT_LE(longest_gap_, kDuration + kNetwork);
    EXPECT_EQ(longest_double_.count(), 0);
  }
}

TEST_P(MemberCluster, one_that_leaves_is_followed_at_once) {
  for (int i = 0; i < 4; ++i)
    start_new();
  run(seconds(25));
  expect_quiet();
  replicas_.front()->leave(now_);
  end(0);
  run(seconds(20));
  EXPECT_LE(longest_gap_, kNetwork);
  EXPECT_LE(longest_double_, kNetwork);
}

TEST_P(MemberCluster, one_that_is_cut_off_or_suspended_stops_before_others_begin) {
  const std::vector<std::function<void(Replica&, bool)>> troubles = {
      [&](Replica& victim, bool on) { victim.writes_lost = on; },
      [&](Replica& victim, bool on) { victim.answers_lost = victim.writes_lost = victim.watch_silent = on; },
      [&](Replica& victim, bool on) { victim.paused_until = on ? now_ + minutes(10) : now_; }};
  for (int i = 0; i < 3; ++i)
    start_new();
  run(seconds(25));
  for (const auto& trouble : troubles) {
    expect_quiet();
    Replica& victim = any();
    trouble(victim, true);
    run(seconds(40));
    EXPECT_EQ(longest_double_.count(), 0) << "while it lasts";
    EXPECT_LE(longest_gap_, seconds(15));
    for (const std::string& uid : uids_)
      EXPECT_FALSE(victim.owns(uid, now_));
    measure();
    trouble(victim, false);
    run(seconds(25));
    EXPECT_LE(longest_double_, kNetwork) << "when it is over";
    EXPECT_LE(longest_gap_, milliseconds(1500)) << "a renewal that was late may be the first to arrive";
  }
}

TEST_P(MemberCluster, a_watch_that_dies_in_silence_is_begun_anew_before_others_must_take_over) {
  for (int i = 0; i < 3; ++i)
    start_new();
  run(seconds(25));
  expect_quiet();
  any().watch_silent = true;
  run(seconds(60));
  EXPECT_LE(longest_gap_, seconds(3)) << "its listings still tell it what it needs, if not at once";
  EXPECT_EQ(longest_double_.count(), 0);
}

TEST_P(MemberCluster, one_that_can_write_and_not_read_gives_way) {
  for (int i = 0; i < 3; ++i)
    start_new();
  run(seconds(25));
  expect_quiet();
  Replica& victim = *replicas_[owner_of(uids_.front())];
  victim.reads_lost = true;
  run(minutes(2));
  EXPECT_LE(longest_gap_, 2 * kDuration);
  EXPECT_EQ(longest_double_.count(), 0);
  victim.reads_lost = false;
  run(seconds(20));
  expect_quiet();
}

TEST_P(MemberCluster, one_that_joins_while_another_is_dead_leaves_a_gap_of_two_durations_at_most) {
  for (int i = 0; i < 3; ++i)
    start_new();
  run(seconds(25));
  for (int i = 0; i < 4; ++i) {
    expect_quiet();
    run(dice_.between(milliseconds(0), seconds(3)));
    measure();
    end(dice_.below(replicas_.size()));
    run(dice_.between(milliseconds(0), seconds(10)));
    start_new();
    run(seconds(40));
    EXPECT_LE(longest_gap_, 2 * kDuration + kNetwork);
    EXPECT_LE(longest_double_, kNetwork);
  }
}

TEST_P(MemberCluster, a_server_that_was_away_for_minutes_finds_all_back_within_two_durations) {
  for (int i = 0; i < 4; ++i)
    start_new();
  run(seconds(25));
  expect_quiet();
  server_.away = true;
  run(minutes(2));
  for (const auto& replica : replicas_)
    EXPECT_TRUE(replica->members(now_).empty());
  server_.away = false;
  measure();
  run(2 * kDuration);
  EXPECT_LE(longest_gap_, kDuration);
  EXPECT_LE(longest_double_, kDuration);
  expect_quiet();
}

TEST_P(MemberCluster, of_two_processes_of_one_identity_only_one_works_and_the_other_replaces_it) {
  for (int i = 0; i < 3; ++i)
    start_new();
  run(seconds(25));
  start("pod-0");
  measure();
  run(minutes(2));
  EXPECT_EQ(longest_double_.count(), 0);
  EXPECT_EQ(longest_gap_.count(), 0);
  EXPECT_TRUE(replicas_.back()->members(now_).empty());
  measure();
  end(0);
  run(seconds(60));
  EXPECT_EQ(replicas_.back()->members(now_).size(), 3u);
  EXPECT_LE(longest_gap_, 2 * kDuration);
  EXPECT_EQ(longest_double_.count(), 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, MemberCluster, ::testing::Range(1, 6));

}  // namespace
}  // namespace tlswarden::kube::simulation

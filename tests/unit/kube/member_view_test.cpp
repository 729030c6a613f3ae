#include "kube/member_view.hpp"

#include <gmock/gmock.h>

namespace tlswarden::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The view of "a", whose duration is 10 seconds, and a clock.
class MemberViewTest : public ::testing::Test {
 protected:
  static MemberLease lease(const std::string& name, const std::string& renewed,
                           const std::string& holder = "", seconds duration = seconds(10)) {
    return {.name = name,
            .uid = "uid-" + name,
            .resource_version = renewed,
            .holder = holder.empty() ? name + "_1" : holder,
            .duration = duration,
            .acquired = "",
            .renewed = renewed};
  }
  base::MonoTime at(milliseconds time) const { return base::MonoTime(std::chrono::hours(1) + time); }
  /// Begins a renewal, has it taken, and shows it.
  void renew(const std::string& renewed, milliseconds begun, milliseconds shown) {
    view_.renewal_begins(renewed, at(begun));
    view_.renewal_succeeded(renewed, at(shown));
    view_.put(lease("a", renewed), at(shown));
  }
  std::vector<std::string> members(milliseconds time) { return view_.standing(at(time)).members; }

  MemberView view_{{.lease = "a", .holder = "a_1", .duration = seconds(10)}};
};

TEST_F(MemberViewTest, nobody_is_in_it_before_its_own_lease_is_seen) {
  view_.listed({lease("b", "1")}, {}, at(seconds(0)));
  EXPECT_THAT(members(seconds(0)), IsEmpty());
  view_.renewal_begins("1", at(seconds(1)));
  view_.renewal_succeeded("1", at(seconds(1)));
  EXPECT_THAT(members(seconds(1)), IsEmpty()) << "written is not seen";
  EXPECT_FALSE(view_.owns("u", at(seconds(1))));
  view_.put(lease("a", "1"), at(seconds(1)));
  EXPECT_THAT(members(seconds(1)), ElementsAre("a", "b"));
}

TEST_F(MemberViewTest, its_own_lease_runs_from_the_beginning_of_the_renewal_that_is_seen) {
  renew("1", seconds(0), seconds(4));
  EXPECT_TRUE(view_.owns("u", at(milliseconds(9499))));
  EXPECT_FALSE(view_.owns("u", at(milliseconds(9500))));
  renew("2", seconds(12), seconds(13));
  EXPECT_TRUE(view_.owns("u", at(seconds(21))));
  EXPECT_EQ(view_.standing(at(seconds(13))).until, at(milliseconds(21'500)));
}

TEST_F(MemberViewTest, a_renewal_whose_answer_was_lost_counts_when_it_is_seen) {
  view_.renewal_begins("1", at(seconds(0)));
  view_.put(lease("a", "1"), at(seconds(3)));
  EXPECT_TRUE(view_.owns("u", at(seconds(9))));
}

TEST_F(MemberViewTest, a_renewal_that_it_does_not_know_proves_nothing) {
  view_.put(lease("a", "1"), at(seconds(0)));
  EXPECT_FALSE(view_.owns("u", at(seconds(0))));
  renew("2", seconds(0), seconds(0));
  view_.put(lease("a", "1"), at(seconds(1)));
  EXPECT_FALSE(view_.owns("u", at(seconds(1)))) << "a listing from before";
}

TEST_F(MemberViewTest, another_is_alive_for_its_duration_from_when_it_was_seen_to_change) {
  view_.put(lease("b", "1"), at(seconds(0)));
  renew("1", seconds(6), seconds(6));
  EXPECT_THAT(members(milliseconds(9999)), ElementsAre("a", "b"));
  EXPECT_EQ(view_.standing(at(milliseconds(9999))).until, at(seconds(10)));
  EXPECT_THAT(members(seconds(10)), ElementsAre("a"));
  view_.put(lease("b", "2"), at(seconds(11)));
  EXPECT_THAT(members(seconds(11)), ElementsAre("a", "b"));
}

TEST_F(MemberViewTest, only_a_sign_of_life_lets_another_live_on) {
  view_.put(lease("b", "1"), at(seconds(0)));
  MemberLease labelled = lease("b", "1");
  labelled.resource_version = "77";
  view_.put(labelled, at(seconds(8)));
  renew("1", seconds(9), seconds(9));
  EXPECT_THAT(members(seconds(11)), ElementsAre("a"));
}

TEST_F(MemberViewTest, who_has_not_looked_for_long_does_not_call_another_silent) {
  view_.put(lease("b", "1"), at(seconds(0)));
  renew("1", seconds(3), seconds(3));
  EXPECT_THAT(members(seconds(12)), ElementsAre("a", "b"));
  EXPECT_THAT(members(seconds(13)), IsEmpty());
}

TEST_F(MemberViewTest, others_say_themselves_for_how_long_they_hold) {
  view_.put(lease("b", "1", "", seconds(30)), at(seconds(0)));
  view_.put(lease("c", "1", "", seconds(0)), at(seconds(0)));
  renew("1", seconds(25), seconds(25));
  EXPECT_THAT(members(seconds(29)), ElementsAre("a", "b"));
  EXPECT_THAT(members(seconds(30)), ElementsAre("a"));
}

TEST_F(MemberViewTest, a_lease_that_is_nobodys_or_gone_counts_no_more) {
  view_.listed({lease("b", "1"), lease("c", "1")}, {}, at(seconds(0)));
  renew("1", seconds(0), seconds(0));
  MemberLease released = lease("b", "2");
  released.holder.clear();
  view_.put(released, at(seconds(1)));
  view_.remove("c");
  EXPECT_THAT(members(seconds(1)), ElementsAre("a"));
  view_.remove("a");
  EXPECT_THAT(members(seconds(1)), IsEmpty());
}

TEST_F(MemberViewTest, its_own_name_in_the_hands_of_another_process_is_not_its_own) {
  renew("1", seconds(0), seconds(0));
  view_.put(lease("a", "1", "a_2"), at(seconds(1)));
  EXPECT_FALSE(view_.owns("u", at(seconds(1))));
  EXPECT_THAT(members(seconds(1)), IsEmpty());
}

TEST_F(MemberViewTest, a_watch_that_begins_anew_forgets_what_it_does_not_list) {
  view_.watch_begins(at(seconds(0)));
  view_.listed({lease("b", "1"), lease("c", "1")}, {}, at(seconds(0)));
  renew("1", seconds(0), seconds(0));
  view_.listed({lease("d", "1")}, {"c"}, at(seconds(1)));
  EXPECT_THAT(members(seconds(1)), ElementsAre("a", "b", "d"));
  view_.watch_begins(at(seconds(2)));
  EXPECT_THAT(members(seconds(2)), ElementsAre("a", "b", "d"));
  view_.listed({lease("a", "1"), lease("b", "1")}, {}, at(seconds(2)));
  EXPECT_THAT(members(seconds(2)), ElementsAre("a", "b"));
  renew("2", seconds(9), seconds(9));
  EXPECT_THAT(members(seconds(10)), ElementsAre("a")) << "to be listed again is no sign of life";
}

TEST_F(MemberViewTest, it_renews_from_the_first_listing_on) {
  EXPECT_FALSE(view_.may_renew(at(seconds(0))));
  view_.listed({}, {}, at(seconds(0)));
  EXPECT_TRUE(view_.may_renew(at(seconds(0))));
}

TEST_F(MemberViewTest, renewals_that_do_not_come_back_mean_a_dead_watch_and_in_the_end_no_renewals) {
  view_.watch_begins(at(seconds(0)));
  view_.listed({}, {}, at(seconds(0)));
  renew("1", seconds(10), seconds(10));
  EXPECT_FALSE(view_.watch_is_dead(at(seconds(13))));
  view_.renewal_begins("2", at(seconds(13)));
  view_.renewal_succeeded("2", at(seconds(13)));
  EXPECT_FALSE(view_.watch_is_dead(at(milliseconds(15'400))));
  EXPECT_TRUE(view_.watch_is_dead(at(milliseconds(15'500))));
  view_.watch_begins(at(milliseconds(15'500)));
  EXPECT_FALSE(view_.watch_is_dead(at(seconds(20)))) << "it has just begun";
  EXPECT_TRUE(view_.watch_is_dead(at(seconds(21))));
  EXPECT_TRUE(view_.may_renew(at(seconds(22))));
  EXPECT_FALSE(view_.may_renew(at(seconds(23))));
  view_.listed({lease("a", "2")}, {}, at(seconds(24)));
  EXPECT_TRUE(view_.may_renew(at(seconds(24))));
  EXPECT_FALSE(view_.watch_is_dead(at(seconds(40))));
}

TEST_F(MemberViewTest, a_watch_that_is_late_is_dead_only_if_the_first_unseen_renewal_stays_so) {
  view_.watch_begins(at(seconds(0)));
  view_.listed({}, {}, at(seconds(0)));
  for (int i = 1; i <= 3; ++i) {
    view_.renewal_begins(std::to_string(i), at(seconds(10 + i)));
    view_.renewal_succeeded(std::to_string(i), at(seconds(10 + i)));
  }
  EXPECT_TRUE(view_.watch_is_dead(at(seconds(14))));
  view_.put(lease("a", "1"), at(seconds(14)));
  EXPECT_FALSE(view_.watch_is_dead(at(seconds(14)))) << "it moves";
  EXPECT_TRUE(view_.watch_is_dead(at(seconds(16))));
  view_.put(lease("a", "3"), at(seconds(16)));
  EXPECT_FALSE(view_.watch_is_dead(at(seconds(60))));
}

TEST_F(MemberViewTest, others_are_abandoned_when_they_ended_long_ago) {
  view_.listed({lease("b", "1"), lease("a", "1", "a_2")}, {}, at(seconds(0)));
  EXPECT_THAT(view_.abandoned(at(seconds(3609)), seconds(3600)), IsEmpty());
  const auto found = view_.abandoned(at(seconds(3610)), seconds(3600));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().name, "b");
}

}  // namespace
}  // namespace tlswarden::kube

#include "kube/write_queue.hpp"

#include <gmock/gmock.h>

#include <memory>

namespace tlswarden::kube {
namespace {

using std::chrono::seconds;

constexpr base::MonoTime kNow{seconds(1000)};

StatusText text(const std::string& words) {
  return std::make_shared<const std::string>(words);
}

ObjectId id(const std::string& uid) {
  return {"payments", "name-" + uid, uid};
}

class WriteQueueTest : public ::testing::Test {
 protected:
  WriteQueue::Item take(base::MonoTime now = kNow) {
    auto item = queue_.take(now);
    EXPECT_TRUE(item);
    return item.value_or(WriteQueue::Item{});
  }
  WriteQueue queue_;
};

TEST_F(WriteQueueTest, of_one_endpoint_the_newest_waits_at_its_place) {
  queue_.put(id("a"), text("1"));
  queue_.put(id("b"), text("2"));
  queue_.put(id("a"), text("3"));
  EXPECT_EQ(queue_.size(), 2u);
  EXPECT_EQ(*take().text, "3");
  EXPECT_EQ(*take().text, "2");
  EXPECT_FALSE(queue_.take(kNow));
  EXPECT_EQ(queue_.size(), 2u) << "what is under way is not done";
}

TEST_F(WriteQueueTest, a_provisional_one_waits_for_its_time_and_lets_all_others_go_first) {
  queue_.put_provisional(id("a"), text("1"), kNow + seconds(3));
  EXPECT_EQ(*queue_.find("a"), "1");
  EXPECT_FALSE(queue_.take(kNow + seconds(2)));
  EXPECT_EQ(queue_.next_due(), kNow + seconds(3));
  queue_.put_provisional(id("b"), text("2"), kNow + seconds(3));
  queue_.put(id("c"), text("3"));
  EXPECT_EQ(*take(kNow + seconds(3)).text, "3");
  EXPECT_EQ(*take(kNow + seconds(3)).text, "1");
  EXPECT_EQ(*take(kNow + seconds(3)).text, "2");
}

TEST_F(WriteQueueTest, of_a_provisional_one_and_its_successor_one_is_written) {
  queue_.put_provisional(id("early"), text("1"), kNow + seconds(3));
  queue_.put(id("early"), text("2"));
  queue_.done(take());
  queue_.put_provisional(id("late"), text("3"), kNow + seconds(3));
  queue_.put_provisional(id("other"), text("4"), kNow + seconds(3));
  EXPECT_EQ(*take(kNow + seconds(3)).text, "3");
  queue_.put(id("late"), text("5"));
  queue_.put(id("other"), text("6"));
  EXPECT_EQ(*take(kNow + seconds(3)).text, "6") << "ready already, but it is provisional no more";
  EXPECT_FALSE(queue_.take(kNow + seconds(3))) << "one of an endpoint at a time";
  EXPECT_EQ(queue_.size(), 2u);
}

TEST_F(WriteQueueTest, a_provisional_one_does_not_take_the_place_of_another_kind) {
  queue_.put(id("a"), text("1"));
  queue_.put_provisional(id("a"), text("2"), kNow + seconds(3));
  EXPECT_EQ(*take().text, "2");
  EXPECT_EQ(queue_.next_due(), std::nullopt);
}

TEST_F(WriteQueueTest, haste_does_not_wait_for_successors) {
  queue_.put_provisional(id("a"), text("1"), kNow + seconds(3));
  queue_.hasten(kNow);
  EXPECT_EQ(*take().text, "1");
}

TEST_F(WriteQueueTest, what_comes_while_one_is_under_way_waits_for_its_end) {
  queue_.put(id("a"), text("1"));
  const auto first = take();
  queue_.put(id("a"), text("2"));
  EXPECT_FALSE(queue_.take(kNow));
  queue_.done(first);
  EXPECT_EQ(queue_.size(), 1u);
  const auto second = take();
  EXPECT_EQ(*second.text, "2");
  queue_.done(second);
  EXPECT_EQ(queue_.size(), 0u);
  EXPECT_EQ(queue_.find("a"), nullptr);
}

TEST_F(WriteQueueTest, one_that_is_put_off_waits_for_its_time_or_for_something_newer) {
  queue_.put(id("a"), text("1"));
  queue_.later(take(), kNow + seconds(60));
  EXPECT_FALSE(queue_.take(kNow + seconds(59)));
  EXPECT_EQ(queue_.next_due(), kNow + seconds(60));
  const auto again = take(kNow + seconds(60));
  EXPECT_EQ(again.refusals, 1);
  queue_.later(again, kNow + seconds(180));
  queue_.put(id("a"), text("2"));
  EXPECT_EQ(*take(kNow + seconds(61)).text, "2");
  EXPECT_FALSE(queue_.next_due());
}

TEST_F(WriteQueueTest, one_that_is_to_be_put_off_but_is_outdated_is_ready) {
  queue_.put(id("a"), text("1"));
  const auto first = take();
  queue_.put(id("a"), text("2"));
  queue_.later(first, kNow + seconds(60));
  EXPECT_EQ(*take().text, "2");
}

TEST_F(WriteQueueTest, while_held_one_at_a_time_is_tried_and_the_others_get_their_turn) {
  queue_.put(id("a"), text("1"));
  queue_.put(id("b"), text("2"));
  const auto failed = take();
  EXPECT_FALSE(failed.alone);
  queue_.again(failed);
  queue_.hold(kNow + seconds(5));
  EXPECT_FALSE(queue_.take(kNow));
  EXPECT_EQ(queue_.next_due(), kNow + seconds(5));
  const auto probe = take(kNow + seconds(5));
  EXPECT_TRUE(probe.alone);
  EXPECT_EQ(*probe.text, "2");
  EXPECT_FALSE(queue_.take(kNow + seconds(5)));
  EXPECT_FALSE(queue_.next_due()) << "nothing but the probe's end matters";
  queue_.resume();
  EXPECT_EQ(*take(kNow + seconds(5)).text, "1");
}

TEST_F(WriteQueueTest, what_is_forgotten_is_not_tried_again) {
  queue_.put(id("a"), text("1"));
  queue_.put(id("b"), text("2"));
  queue_.put(id("c"), text("3"));
  queue_.later(take(), kNow + seconds(60));
  const auto under_way = take();
  queue_.forget("a");
  queue_.forget("b");
  queue_.forget("c");
  EXPECT_EQ(queue_.find("b"), nullptr);
  queue_.again(under_way);
  EXPECT_EQ(queue_.size(), 0u);
  EXPECT_FALSE(queue_.take(kNow + seconds(60)));
  queue_.put(id("c"), text("4"));
  EXPECT_EQ(*take().text, "4");
  EXPECT_FALSE(queue_.take(kNow)) << "once, though it was ready before";
}

TEST_F(WriteQueueTest, what_comes_after_it_was_forgotten_is_tried) {
  queue_.put(id("a"), text("1"));
  const auto under_way = take();
  queue_.forget("a");
  queue_.put(id("a"), text("2"));
  queue_.done(under_way);
  EXPECT_EQ(*take().text, "2");
}

TEST_F(WriteQueueTest, in_haste_nothing_is_put_off_or_held) {
  queue_.put(id("a"), text("1"));
  queue_.put(id("b"), text("2"));
  queue_.later(take(), kNow + seconds(60));
  queue_.again(take());
  queue_.hold(kNow + seconds(30));
  queue_.hasten(kNow);
  queue_.done(take());
  queue_.done(take());
  EXPECT_EQ(queue_.size(), 0u);
}

}  // namespace
}  // namespace tlswarden::kube

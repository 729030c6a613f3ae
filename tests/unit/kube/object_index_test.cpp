#include "kube/object_index.hpp"

#include <gmock/gmock.h>

#include "kube/backoff.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/unit/kube/recording_handler.hpp"

namespace tlswarden::kube {
namespace {

using ::testing::ElementsAre;

Object object(const std::string& name, const std::string& uid, const std::string& version) {
  return *make_object(
      {{"metadata", {{"namespace", "ns"}, {"name", name}, {"uid", uid}, {"resourceVersion", version}}}});
}

class ObjectIndexTest : public ::testing::Test {
 protected:
  void list(std::vector<Object> objects) {
    index_.begin_listing();
    for (Object& each : objects)
      index_.list(std::move(each));
    index_.end_listing();
  }
  template <class... Objects>
  void list_of(Objects... objects) {
    std::vector<Object> all;
    (all.push_back(std::move(objects)), ...);
    list(std::move(all));
  }
  RecordingHandler handler_;
  ObjectIndex index_{handler_};
};

TEST_F(ObjectIndexTest, a_second_listing_tells_only_what_changed) {
  list_of(object("a", "1", "10"), object("b", "2", "11"), object("c", "3", "12"));
  EXPECT_THAT(handler_.take(), ElementsAre("stage a/1@10", "stage b/2@11", "stage c/3@12", "replace"));
  list_of(object("a", "1", "10"), object("b", "2", "20"));
  EXPECT_THAT(handler_.take(), ElementsAre("stage b/2@20", "replace -c/3"));
  EXPECT_EQ(index_.size(), 2u);
}

TEST_F(ObjectIndexTest, a_name_with_a_new_uid_is_another_object) {
  list_of(object("a", "1", "10"), object("b", "2", "10"));
  handler_.take();
  list_of(object("a", "9", "30"), object("b", "2", "10"));
  EXPECT_THAT(handler_.take(), ElementsAre("stage a/9@30", "replace -a/1"));
  index_.put(object("b", "8", "31"));
  EXPECT_THAT(handler_.take(), ElementsAre("remove b/2", "upsert b/8@31"));
  index_.remove({"ns", "b", "2"});
  EXPECT_TRUE(handler_.take().empty());
  index_.remove({"ns", "b", "8"});
  EXPECT_THAT(handler_.take(), ElementsAre("remove b/8"));
}

TEST_F(ObjectIndexTest, the_same_version_is_told_once) {
  index_.put(object("a", "1", "10"));
  index_.put(object("a", "1", "10"));
  EXPECT_THAT(handler_.take(), ElementsAre("upsert a/1@10"));
}

TEST_F(ObjectIndexTest, a_listing_that_breaks_off_changes_nothing) {
  list_of(object("a", "1", "10"));
  handler_.take();
  index_.begin_listing();
  index_.list(object("b", "2", "11"));
  list_of(object("a", "1", "10"));
  EXPECT_THAT(handler_.take(), ElementsAre("stage b/2@11", "discard", "replace"));
}

TEST(ObjectTest, managed_fields_are_dropped_and_nameless_objects_refused) {
  const auto full = make_object(
      {{"metadata", {{"name", "a"}, {"uid", "u"}, {"resourceVersion", "1"}, {"managedFields", {1, 2}}}}});
  ASSERT_TRUE(full);
  EXPECT_FALSE(full->document["metadata"].contains("managedFields"));
  EXPECT_FALSE(make_object({{"metadata", {{"name", "a"}, {"uid", "u"}}}}));
  EXPECT_FALSE(make_object({{"metadata", {{"name", 7}, {"uid", "u"}, {"resourceVersion", "1"}}}}));
  EXPECT_FALSE(make_object(nlohmann::ordered_json::array()));
}

TEST(BackoffTest, it_doubles_up_to_thirty_seconds_and_starts_over_after_two_quiet_minutes) {
  test_support::FakeClock clock{base::WallTime{}};
  test_support::FakeRandom random(0.5);
  Backoff backoff(clock, random);
  using std::chrono::milliseconds;
  for (const int expected : {1200, 2400, 4800, 9600, 19200, 38400, 45000, 45000}) {
    const auto wait = backoff.next();
    EXPECT_EQ(std::chrono::round<milliseconds>(wait), milliseconds(expected));
    clock.advance(std::chrono::ceil<base::Seconds>(wait));
  }
  clock.advance(base::Seconds(119));
  EXPECT_EQ(std::chrono::round<milliseconds>(backoff.next()), milliseconds(45000));
  clock.advance(base::Seconds(45 + 121));
  EXPECT_EQ(std::chrono::round<milliseconds>(backoff.next()), milliseconds(1200));
}

}  // namespace
}  // namespace tlswarden::kube

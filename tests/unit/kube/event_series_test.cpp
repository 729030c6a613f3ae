#include "kube/event_series.hpp"

#include <gmock/gmock.h>

#include "tests/support/fake_clock.hpp"
#include "tests/unit/kube/event_fixture.hpp"

namespace tlswarden::kube {
namespace {

using Kind = EventWrite::Kind;
using std::chrono::minutes;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr base::WallTime kNow{base::Seconds(1'800'000'000)};

class EventSeriesTest : public ::testing::Test {
 protected:
  std::optional<EventWrite> observe(const reconcile::Event& event = unreachable()) {
    return series_.observe(shop_orders(), event).write;
  }
  resource::DatabaseEndpoint another(int number) const {
    auto endpoint = shop_orders();
    endpoint.metadata.uid = std::to_string(number);
    return endpoint;
  }
  test_support::FakeClock clock_{kNow};
  EventSeries series_{clock_, "pod", 41};
};

TEST_F(EventSeriesTest, the_first_is_created_and_the_second_makes_it_a_series) {
  const auto first = observe();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, Kind::kCreate);
  EXPECT_EQ(first->event.series, std::nullopt);
  EXPECT_EQ(first->event.time, kNow);
  clock_.advance(minutes(2));
  const auto second = observe();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->kind, Kind::kPatch);
  EXPECT_EQ(second->event.name, first->event.name);
  EXPECT_EQ(second->event.time, kNow);
  EXPECT_EQ(second->event.series, (SeriesOfEvents{2, kNow + minutes(2)}));
}

TEST_F(EventSeriesTest, further_ones_are_counted_and_told_when_it_is_over) {
  observe();
  observe();
  for (int i = 0; i < 5; ++i) {
    clock_.advance(minutes(1));
    EXPECT_EQ(observe(), std::nullopt);
    EXPECT_THAT(series_.due(), IsEmpty());
  }
  clock_.advance(minutes(6));
  const auto due = series_.due();
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].kind, Kind::kPatch);
  EXPECT_EQ(due[0].event.series, (SeriesOfEvents{7, kNow + minutes(5)}));
  EXPECT_EQ(series_.remembered(), 0u);
  const auto afresh = observe();
  ASSERT_TRUE(afresh);
  EXPECT_EQ(afresh->kind, Kind::kCreate);
  EXPECT_NE(afresh->event.name, due[0].event.name);
}

TEST_F(EventSeriesTest, one_that_goes_on_is_told_every_half_an_hour) {
  observe();
  observe();
  std::vector<EventWrite> told;
  for (int minute = 1; minute <= 90; ++minute) {
    clock_.advance(minutes(1));
    EXPECT_EQ(observe(), std::nullopt);
    for (EventWrite& write : series_.due())
      told.push_back(std::move(write));
  }
  ASSERT_THAT(told, SizeIs(3));
  EXPECT_EQ(told[0].event.series, (SeriesOfEvents{32, kNow + minutes(30)}));
  EXPECT_EQ(told[2].event.series, (SeriesOfEvents{92, kNow + minutes(90)}));
}

TEST_F(EventSeriesTest, what_was_told_in_full_is_not_told_again) {
  observe();
  clock_.advance(minutes(6));
  EXPECT_THAT(series_.due(), IsEmpty());
  EXPECT_EQ(series_.remembered(), 0u);
  observe();
  observe();
  clock_.advance(minutes(6));
  EXPECT_THAT(series_.due(), IsEmpty());
  EXPECT_EQ(series_.remembered(), 0u);
}

TEST_F(EventSeriesTest, what_says_anything_else_is_another_event) {
  const auto first = observe();
  auto others = std::vector{unreachable("Timeout: it does not answer"), unreachable(), unreachable()};
  others[1].type = reconcile::Event::Type::kNormal;
  others[2].reason = "ModeBroken";
  for (const reconcile::Event& other : others) {
    const auto write = observe(other);
    ASSERT_TRUE(write);
    EXPECT_EQ(write->kind, Kind::kCreate);
    EXPECT_NE(write->event.name, first->event.name);
  }
  const auto elsewhere = series_.observe(another(2), unreachable()).write;
  ASSERT_TRUE(elsewhere);
  EXPECT_EQ(elsewhere->kind, Kind::kCreate);
}

TEST_F(EventSeriesTest, an_endpoint_cannot_fill_the_server_with_events) {
  const auto nth = [](int number) { return unreachable("certificate " + std::to_string(number)); };
  for (int i = 0; i < 25; ++i)
    EXPECT_TRUE(observe(nth(i)));
  EXPECT_TRUE(series_.observe(shop_orders(), nth(25)).refused);
  EXPECT_TRUE(observe(nth(0)));  // the second of what is there already
  EXPECT_TRUE(series_.observe(another(2), nth(25)).write);
  clock_.advance(minutes(5));
  EXPECT_TRUE(observe(nth(26)));
  EXPECT_TRUE(series_.observe(shop_orders(), nth(27)).refused);
}

TEST_F(EventSeriesTest, memory_is_bounded) {
  const int most = static_cast<int>(EventSeries::kMostRemembered);
  for (int i = 0; i <= most; ++i)
    series_.observe(another(i), unreachable());
  EXPECT_EQ(series_.remembered(), EventSeries::kMostRemembered);
  EXPECT_EQ(series_.observe(another(most), unreachable()).write->kind, Kind::kPatch);
  EXPECT_EQ(series_.observe(another(0), unreachable()).write->kind, Kind::kCreate);
}

TEST_F(EventSeriesTest, the_end_tells_what_was_counted_alone) {
  observe(unreachable("a"));
  for (int i = 0; i < 3; ++i)
    observe(unreachable("b"));
  const auto writes = series_.finish();
  ASSERT_THAT(writes, SizeIs(1));
  EXPECT_EQ(writes[0].event.series->count, 3);
  EXPECT_THAT(series_.finish(), IsEmpty());
}

}  // namespace
}  // namespace tlswarden::kube

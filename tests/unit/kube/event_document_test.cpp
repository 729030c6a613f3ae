#include "kube/event_document.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/unit/kube/event_fixture.hpp"

namespace tlswarden::kube {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::EndsWith;
using ::testing::MatchesRegex;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr base::WallTime kNow{base::Seconds(1'800'000'000)};

// tests/cluster/test_events.py shows the same document to a real API server.
TEST(EventDocumentTest, the_document_is_the_one_that_a_real_server_takes) {
  std::ifstream file(TLSWARDEN_SOURCE_DIR "/tests/unit/kube/testdata/event.json");
  const auto event = describe_event(
      shop_orders(),
      unreachable("ConnectionRefused: nothing listens at db.internal:5432 — start the server."),
      "tlswarden-7d9c5b6f4-x2x7q", kNow, 7);
  EXPECT_EQ(event_json(event).dump(2), Json::parse(file).dump(2));
}

TEST(EventDocumentTest, what_is_good_news_is_normal) {
  const reconcile::Event recovered{reconcile::Event::Type::kNormal, "Recovered", "It answers."};
  EXPECT_EQ(event_json(describe_event(shop_orders(), recovered, "a", kNow, 1))["type"], "Normal");
}

TEST(EventDocumentTest, a_series_has_a_number_and_a_moment_and_is_all_that_a_patch_changes) {
  auto event = describe_event(shop_orders(), unreachable(), "a", kNow, 1);
  event.series = {3, kNow + base::Seconds(61)};
  const Json series = Json::parse(R"({"count": 3, "lastObservedTime": "2027-01-15T08:01:01.000000Z"})");
  EXPECT_EQ(event_json(event)["series"], series);
  EXPECT_EQ(series_patch(event), Json({{"series", series}}));
}

TEST(EventDocumentTest, names_are_subdomains_however_long_the_endpoint_is_called) {
  EXPECT_EQ(event_name("orders", kNow, 0xabcdef01), "orders.6b49d200abcdef01");
  const std::string longest = event_name(std::string(235, 'a') + "-.b" + std::string(15, 'c'), kNow, 1);
  EXPECT_THAT(longest, MatchesRegex("a{235}\\.[0-9a-f]{16}"));
  EXPECT_THAT(event_name(std::string(253, 'a'), kNow, 1), SizeIs(253));
}

TEST(EventDocumentTest, nothing_is_longer_than_the_server_allows) {
  reconcile::Event event = unreachable();
  event.reason = std::string(200, 'R');
  for (std::size_t shift = 0; shift < 4; ++shift) {
    event.note = std::string(shift, 'x');
    for (int i = 0; i < 600; ++i)
      event.note += "ü";
    const EventDocument bounded = describe_event(shop_orders(), event, std::string(200, 'i'), kNow, 1);
    EXPECT_LE(bounded.note.size(), 1024u);
    EXPECT_GE(bounded.note.size(), 1000u);
    EXPECT_THAT(bounded.note, EndsWith("ü…"));
    EXPECT_THAT(bounded.reason, SizeIs(128));
    EXPECT_THAT(bounded.instance, SizeIs(128));
  }
}

TEST(EventDocumentTest, a_note_is_text_whatever_it_was) {
  const auto event = describe_event(shop_orders(), unreachable("a\xff\x1b[31m\xc3"), "", kNow, 1);
  EXPECT_EQ(event.note, "a\\xff\\x1b[31m\\xc3");
  EXPECT_THAT(event.instance, StartsWith("tlswarden"));  // the server demands one
}

}  // namespace
}  // namespace tlswarden::kube

#include "kube/watch_stream.hpp"

#include <gmock/gmock.h>

namespace tlswarden::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Type = WatchEvent::Type;

/// Feeds `text` in pieces of `step` bytes and tells the names that came out.
struct Fed {
  explicit Fed(const std::string& text, std::size_t step = 1'000'000, std::size_t limit = 4096)
      : stream(limit) {
    for (std::size_t at = 0; at < text.size() && whole; at += step) {
      whole = stream.feed(std::string_view(text).substr(at, step), [this](WatchEvent event) {
        types.push_back(event.type);
        names.push_back(event.object.value("name", ""));
        return names.back() != "last";
      });
    }
  }
  WatchStream stream;
  std::vector<Type> types;
  std::vector<std::string> names;
  bool whole = true;
};

TEST(WatchStreamTest, events_come_out_whole_wherever_the_pieces_end) {
  const std::string text =
      "{\"type\":\"ADDED\",\"object\":{\"name\":\"sm\u00f8rrebr\u00f8d \\n \\\" }\"}}\n"
      "{\"type\":\"MODIFIED\",\"object\":{\"name\":\"b\"}}\r\n\n"
      "{\"type\":\"DELETED\",\"object\":{\"name\":\"c\"}}\n"
      "{\"type\":\"BOOKMARK\",\"object\":{}}\n{\"type\":\"ERROR\",\"object\":{}}\n{\"type\":\"LATER\","
      "\"object\":{}}\n";
  for (std::size_t step = 1; step < 80; ++step) {
    const Fed fed(text, step);
    ASSERT_TRUE(fed.whole) << step;
    EXPECT_THAT(fed.names, ElementsAre("sm\u00f8rrebr\u00f8d \n \" }", "b", "c", "", "", "")) << step;
    EXPECT_THAT(fed.types, ElementsAre(Type::kAdded, Type::kModified, Type::kDeleted, Type::kBookmark,
                                       Type::kError, Type::kUnknown));
  }
}

TEST(WatchStreamTest, an_unfinished_line_is_no_event) {
  const Fed fed(R"({"type":"ADDED","object":{"name":"a"}})");
  EXPECT_TRUE(fed.whole);
  EXPECT_TRUE(fed.names.empty());
}

TEST(WatchStreamTest, a_line_without_end_is_cut_off_at_the_limit) {
  for (const std::size_t step : {1UL, 100UL, 10'000UL}) {
    const Fed fed(std::string(10'000, ' '), step);
    EXPECT_FALSE(fed.whole) << step;
    EXPECT_THAT(fed.stream.problem(), HasSubstr("larger than any object"));
  }
  const std::string fits = R"({"type":"ADDED","object":{"name":")" + std::string(4000, 'x') + "\"}}\n";
  EXPECT_TRUE(Fed(fits + fits, 7).whole);
}

TEST(WatchStreamTest, garbage_ends_it) {
  for (const char* line :
       {"garbage", "[]", "{}", "{\"type\":\"ADDED\"}", "{\"type\":\"ADDED\",\"object\":[]}",
        "{\"type\":\"ADDED\",\"object\":{\"name\":\"\xff\"}}", "{\"type\":"}) {
    const Fed fed(std::string(line) + "\n");
    EXPECT_FALSE(fed.whole) << line;
    EXPECT_THAT(fed.stream.problem(), HasSubstr("is no event")) << line;
  }
  const std::string deep =
      R"({"type":"ADDED","object":{"a":)" + std::string(1500, '[') + std::string(1500, ']') + "}}\n";
  EXPECT_FALSE(Fed(deep).whole);
}

TEST(WatchStreamTest, the_receiver_may_stop_it_without_a_problem) {
  const std::string one = R"({"type":"ADDED","object":{"name":"last"}})";
  const Fed fed(one + "\n" + one + "\n");
  EXPECT_FALSE(fed.whole);
  EXPECT_THAT(fed.names, ElementsAre("last"));
  EXPECT_EQ(fed.stream.problem(), "");
}

}  // namespace
}  // namespace tlswarden::kube

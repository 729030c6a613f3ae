#include "kube/list_reader.hpp"

#include <gmock/gmock.h>

#include "kube/json_text.hpp"

namespace tlswarden::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Fed {
  explicit Fed(const std::string& text, std::size_t step = 1'000'000, std::size_t limit = 4096)
      : reader(limit) {
    for (std::size_t at = 0; at < text.size() && whole; at += step) {
      whole = reader.feed(std::string_view(text).substr(at, step), [this](std::string_view item) {
        items.emplace_back(item);
        return true;
      });
    }
  }
  std::string problem() const {
    const auto finished = reader.finish();
    return finished ? "" : finished.error().message;
  }
  ListReader reader;
  std::vector<std::string> items;
  bool whole = true;
};

constexpr const char* kMetadata =
    R"("metadata":{"resourceVersion":"7","continue":"tok\"en","remainingItemCount":1})";

TEST(ListReaderTest, items_come_out_whole_wherever_the_pieces_end_and_the_metadata_stands) {
  const std::string first = R"({"a":"]}\"[{","items":[1,{}]})";
  const std::string second = "{ \"sm\u00f8r\" : \"\\\\\" }";
  const std::string heads[] = {
      std::string(R"({"kind":"XList","note":"items",)") + kMetadata + R"(,"items":[)" + first + " ,\n" +
          second + "]}\n",
      "{\"items\" : [ " + first + "," + second + " ] , " + kMetadata + "}",
  };
  for (const std::string& text : heads) {
    for (std::size_t step = 1; step < 60; ++step) {
      const Fed fed(text, step);
      ASSERT_TRUE(fed.whole) << step << ": " << fed.reader.problem();
      EXPECT_THAT(fed.items, ElementsAre(first, second)) << step;
      const auto metadata = fed.reader.finish();
      ASSERT_TRUE(metadata) << step << ": " << metadata.error().message;
      EXPECT_EQ(metadata->resource_version, "7");
      EXPECT_EQ(metadata->continue_token, "tok\"en");
    }
  }
}

TEST(ListReaderTest, a_list_of_nothing_has_many_forms) {
  for (const char* items : {R"("items":[])", R"("items":null)", R"("other":{"items":[{"x":1}]})"}) {
    const Fed fed("{" + std::string(items) + "," + kMetadata + "}");
    EXPECT_TRUE(fed.items.empty()) << items;
    EXPECT_EQ(fed.problem(), "") << items;
  }
}

TEST(ListReaderTest, what_is_no_whole_list_is_refused) {
  EXPECT_THAT(Fed("<html>").problem(), HasSubstr("not whole"));
  EXPECT_THAT(Fed("").problem(), HasSubstr("not whole"));
  EXPECT_THAT(Fed(R"({"items":[{"a":1})").problem(), HasSubstr("not whole"));
  EXPECT_THAT(Fed(R"({"items":[)").problem(), HasSubstr("not whole"));
  EXPECT_THAT(Fed(R"({"items":[]})").problem(), HasSubstr("no resource version"));
  EXPECT_THAT(Fed(R"({"items":["text"]})").problem(), HasSubstr("no object"));
  EXPECT_THAT(Fed(std::string(1000, ']') + std::string(1000, '}')).problem(), HasSubstr("not whole"));
}

TEST(ListReaderTest, everything_is_bounded) {
  const Fed item(R"({"items":[{"a":")" + std::string(5000, 'x'), 100);
  EXPECT_FALSE(item.whole);
  EXPECT_THAT(item.problem(), HasSubstr("larger than any"));
  const Fed head("{\"" + std::string(100'000, 'x'), 100);
  EXPECT_FALSE(head.whole);
  EXPECT_THAT(head.problem(), HasSubstr("longer head"));
}

TEST(JsonTextTest, depth_is_bounded_before_anything_is_built) {
  EXPECT_TRUE(parse_json(std::string(200, '[') + std::string(200, ']')));
  EXPECT_FALSE(parse_json(std::string(201, '[') + std::string(201, ']')));
  EXPECT_TRUE(parse_json("{\"a\":\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"}"));
}

}  // namespace
}  // namespace tlswarden::kube

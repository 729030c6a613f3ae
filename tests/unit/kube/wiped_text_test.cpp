#include "kube/wiped_text.hpp"

#include <gmock/gmock.h>

namespace tlswarden::kube {
namespace {

TEST(WipedTextTest, every_text_of_a_document_is_overwritten_and_its_numbers_stay) {
  auto document = nlohmann::ordered_json::parse(
      R"({"data":{"password":"aHVudGVyMg=="},"list":["hunter2",{"deep":"hunter3"}],"count":7})");
  wipe_texts(document);
  EXPECT_EQ(document["data"]["password"].get<std::string>(), std::string(12, '\0'));
  EXPECT_EQ(document["list"][0].get<std::string>(), std::string(7, '\0'));
  EXPECT_EQ(document["list"][1]["deep"].get<std::string>(), std::string(7, '\0'));
  EXPECT_EQ(document["count"], 7);
}

TEST(WipedTextTest, a_text_grows_as_any_other) {
  std::string text, expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string part(static_cast<std::size_t>(i % 7), static_cast<char>('a' + i % 26));
    append_wiping(text, part);
    expected += part;
  }
  EXPECT_EQ(text, expected);
  wipe_text(text);
  EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace tlswarden::kube

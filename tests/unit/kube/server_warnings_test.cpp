#include "kube/server_warnings.hpp"

#include <gmock/gmock.h>

namespace tlswarden::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

struct Header {
  const char* value;
  std::vector<std::string> texts;
};

class WarningHeaders : public ::testing::TestWithParam<Header> {};
INSTANTIATE_TEST_SUITE_P(
    Table, WarningHeaders,
    ::testing::Values(
        Header{R"(299 - "unknown field \"spec.hots\"")", {R"(unknown field "spec.hots")"}},
        Header{R"(299 - "a\\b")", {R"(a\b)"}}, Header{R"(299 - "a, b", 299 - "c")", {"a, b", "c"}},
        Header{R"(299 kube "a" "Sat, 01 Jan 2022 00:00:00 GMT" , 299 - "b")", {"a", "b"}},
        Header{R"(  299 - "a",299 - "b",)", {"a", "b"}}, Header{R"(199 - "a", 299 - "b")", {"b"}},
        Header{R"(299 - "ü")", {"ü"}}, Header{R"(299 - "a%22b+c")", {"a%22b+c"}},
        Header{"299 - \"a\x1b[31m\xff\"", {R"(a\x1b[31m\xff)"}},
        // What is behind a mistake is passed over.
        Header{R"(299 - "a" b, 299 - "c")", {}}, Header{R"(299 - "a", nonsense, 299 - "c")", {"a"}},
        Header{R"(299 - "a)", {}}, Header{R"(299 - "a\")", {}}, Header{R"(299 - "a" "b)", {}},
        Header{R"(299 "a")", {}}, Header{R"(29x - "a")", {}}, Header{R"(0299 - "a")", {}},
        Header{"299 - a", {}}, Header{R"(299 - "")", {}}, Header{"299", {}}, Header{"", {}}));

TEST_P(WarningHeaders, AreTakenApart) {
  EXPECT_THAT(warning_texts(GetParam().value), ElementsAreArray(GetParam().texts));
}

TEST(WarningHeader, IsBounded) {
  const auto texts = warning_texts("299 - \"" + std::string(100'000, 'x') + "\"");
  ASSERT_EQ(texts.size(), 1u);
  EXPECT_LT(texts[0].size(), 5000u);
  std::string many;
  for (int i = 0; i < 10'000; ++i)
    many += "299 - \"x\",";
  EXPECT_LT(warning_texts(many).size(), 100u);
}

TEST(DistinctWarnings, EachIsShownOnceAndNotWithoutEnd) {
  std::vector<std::string> shown;
  DistinctWarnings warnings([&](const std::string& text) { shown.push_back(text); }, 2);
  EXPECT_THAT(shown, IsEmpty());
  for (const char* text : {"a", "b", "a", "c", "b"})
    warnings.take(text);
  EXPECT_THAT(shown, ElementsAre("a", "b"));
}

}  // namespace
}  // namespace tlswarden::kube

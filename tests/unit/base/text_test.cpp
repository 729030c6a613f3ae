#include "base/text.hpp"

#include <gmock/gmock.h>

namespace tlswarden::base {
namespace {

using ::testing::ElementsAre;
using namespace std::string_literals;

struct Untrusted {
  std::string bytes;
  std::string shown;
};

class PeerTexts : public ::testing::TestWithParam<Untrusted> {};
INSTANTIATE_TEST_SUITE_P(
    Table, PeerTexts,
    ::testing::Values(Untrusted{"plain", "plain"}, Untrusted{"  blanks \n", "blanks"},
                      Untrusted{"two\r\nlines\tand tab", "two lines and tab"},
                      Untrusted{"\x1b[31mred\x07", "\\x1b[31mred\\x07"}, Untrusted{"a\0b"s, "a\\x00b"},
                      Untrusted{"\x7f", "\\x7f"}, Untrusted{"ünïcödé €", "ünïcödé €"},
                      Untrusted{"\xff\xfe", "\\xff\\xfe"}, Untrusted{"cut \xe2\x82", "cut \\xe2\\x82"},
                      Untrusted{"overlong \xc0\xaf", "overlong \\xc0\\xaf"},
                      Untrusted{"surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"},
                      Untrusted{"\xf4\x90\x80\x80 too high", "\\xf4\\x90\\x80\\x80 too high"},
                      Untrusted{"c1 \xc2\x9b", "c1 \\xc2\\x9b"}, Untrusted{"😀", "😀"}, Untrusted{"", ""}));

TEST_P(PeerTexts, AreShownWithoutPowerOverTheTerminal) {
  EXPECT_EQ(printable(GetParam().bytes), GetParam().shown);
}

TEST(Printable, EndsALongTextWithAnEllipsisAndCutsNoCharacter) {
  EXPECT_EQ(printable("abcdef", 3), "abc…");
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("aééé", 2), "aé…");
}

TEST(Trimmed, TakesWhiteSpaceFromBothEnds) {
  EXPECT_EQ(trimmed(" \t a b \r\n"), "a b");
  EXPECT_EQ(trimmed(" \n"), "");
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
}

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(EqualIgnoringCase, FoldsAsciiAlone) {
  EXPECT_TRUE(equal_ignoring_case("TLSv1.3", "tlsV1.3"));
  EXPECT_FALSE(equal_ignoring_case("É", "é"));
}

TEST(PercentEncoding, EscapesAllButTheUnreservedCharacters) {
  EXPECT_EQ(percent_encoded("a-b_c.d~9"), "a-b_c.d~9");
  EXPECT_EQ(percent_encoded("a&b=c d/\xc3\xa4\r\n"), "a%26b%3Dc%20d%2F%C3%A4%0D%0A");
}

}  // namespace
}  // namespace tlswarden::base

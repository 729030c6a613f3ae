#include "cli/text_layout.hpp"

#include <gmock/gmock.h>

namespace tlswarden::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Table fleet() {
  return {{"NAME", "READY", "MESSAGE"},
          {{{"orders"}, {"True", Colour::kGreen}, {"verify-full works"}},
           {{"billing-archive"},
            {"False", Colour::kRed},
            {"The certificate is for billing.db.example, not for localhost; clients are refused"}}}};
}

TEST(Render, AlignsColumnsAndKeepsOneLineForEachRowWithoutAWidth) {
  EXPECT_EQ(render(fleet(), {}), R"(NAME             READY  MESSAGE
orders           True   verify-full works
billing-archive  False  The certificate is for billing.db.example, not for localhost; clients are refused
)");
}

TEST(Render, WrapsTheProseBesideItsRowWhereThereIsRoom) {
  EXPECT_EQ(render(fleet(), {70, false}), R"(NAME             READY  MESSAGE
orders           True   verify-full works
billing-archive  False  The certificate is for billing.db.example, not
                        for localhost; clients are refused
)");
}

TEST(Render, PutsTheProseBelowItsRowOnANarrowTerminal) {
  EXPECT_EQ(render(fleet(), {50, false}), R"(NAME             READY
orders           True
    verify-full works
billing-archive  False
    The certificate is for billing.db.example, not
    for localhost; clients are refused
)");
}

TEST(Render, NeverWidensALineBeyondTheTerminal) {
  for (std::size_t width = 40; width < 130; ++width) {
    const std::string text = render(fleet(), {width, false});
    std::size_t start = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         start = end + 1, end = text.find('\n', start)) {
      EXPECT_LE(display_width(std::string_view(text).substr(start, end - start)), width) << text;
    }
  }
}

TEST(Render, ColoursCellsOnlyWhenAskedAndAlignsThemAsWithout) {
  EXPECT_THAT(render(fleet(), {}), Not(HasSubstr("\x1b")));
  EXPECT_THAT(render(fleet(), {std::nullopt, true}),
              HasSubstr("orders           \x1b[32mTrue\x1b[0m   verify-full works\n"));
}

TEST(Render, CountsCharactersRatherThanBytes) {
  const Table table{{"NAME", "MESSAGE"}, {{{"bücher"}, {"x"}}, {{"orders"}, {"y"}}}};
  EXPECT_EQ(render(table, {}), "NAME    MESSAGE\nbücher  x\norders  y\n");
}

TEST(Render, KeepsAMessageOfSeveralLinesInItsRow) {
  const Table table{{"NAME", "MESSAGE"}, {{{"a"}, {"one\ntwo"}}}};
  EXPECT_EQ(render(table, {}), "NAME  MESSAGE\na     one two\n");
}

TEST(Wrap, BreaksAtBlanksAndLeavesLongWordsWhole) {
  EXPECT_THAT(wrap("a bb ccc dddddddd e", 6), ElementsAre("a bb", "ccc", "dddddddd", "e"));
  EXPECT_THAT(wrap("", 6), ElementsAre(""));
  EXPECT_THAT(wrap("no width, no break", std::nullopt), ElementsAre("no width, no break"));
}

TEST(Paragraph, IndentsEveryLineAndKeepsItsOwnLineEnds) {
  EXPECT_EQ(paragraph("Renew it.\nServer: \"expired\"", 2, std::nullopt),
            "  Renew it.\n  Server: \"expired\"\n");
}

TEST(NumberedSteps, HangUnderTheirTextAndASourceHasNoNumber) {
  EXPECT_EQ(numbered_steps({"Issue a new certificate now", "Source: a.example"}, 4, 24),
            "    1. Issue a new\n       certificate now\n    Source: a.example\n");
}

}  // namespace
}  // namespace tlswarden::cli

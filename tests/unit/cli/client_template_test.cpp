#include "cli/client_template.hpp"

#include <gmock/gmock.h>

namespace tlswarden::cli {
namespace {

using ::testing::HasSubstr;

const TemplateValues kValues{{"host", "db internal"}, {"flag", ""}, {"path", "/it's.pem"}};

std::string fill(std::string_view text, std::string_view quoting = "none") {
  const auto filled = fill_template(text, kValues, quoting);
  return filled ? *filled : "error: " + filled.error().message;
}

TEST(ClientTemplate, EscapesAValueByThePlaceWhereItStands) {
  EXPECT_EQ(fill("--host={{host}}", "shell"), "--host='db internal'");
}

TEST(ClientTemplate, AppliesTheRulesThatAPlaceholderNamesFirst) {
  EXPECT_EQ(fill("x={{host|conninfo}}", "double"), "x='db internal'");
  EXPECT_EQ(fill("{{path|conninfo}}", "double"), "'/it\\\\'s.pem'");
}

TEST(ClientTemplate, MakesOneWordOfAQuotedSection) {
  EXPECT_EQ(fill("psql {{#shell}}host={{host|conninfo}} port=1{{/shell}}", "shell"),
            "psql 'host='\\''db internal'\\'' port=1'");
  EXPECT_EQ(fill("\"{{#odbc}}tcp:{{host}}{{/odbc}}\"", "double"), "\"{tcp:db internal}\"");
}

TEST(ClientTemplate, LeavesOutWhatIsNotThere) {
  EXPECT_EQ(fill("a{{#flag}}b{{/flag}}{{^flag}}c{{/flag}}{{#ca}}d{{ca}}{{/ca}}{{^ca}}e{{/ca}}"), "abe");
}

TEST(ClientTemplate, LeavesNoLineBehindForASectionsOwnTags) {
  EXPECT_EQ(fill("a\n  {{#flag}}\n  b\n  {{/flag}}\n{{#ca}}\nc\n{{/ca}}\nd\n"), "a\n  b\nd\n");
}

TEST(ClientTemplate, RefusesWhatIsWrongWithATemplate) {
  EXPECT_EQ(fill("{{ca}}"), "error: 'ca' has no value");
  EXPECT_EQ(fill("{{host"), "error: a placeholder does not end");
  EXPECT_EQ(fill("{{#flag}}a"), "error: the section 'flag' does not end");
  EXPECT_EQ(fill("{{#flag}}a{{/host}}"), "error: '/host' ends another section");
  EXPECT_EQ(fill("{{host|backwards}}"), "error: there is no quoting 'backwards'");
}

TEST(ClientTemplate, SaysWhichValueCannotBeWritten) {
  EXPECT_THAT(fill("ca={{path}}", "line"), HasSubstr("'/it's.pem' cannot be written there"));
}

TEST(Spelling, StandsWhereTheModeIsNamed) {
  EXPECT_EQ(insert_spelling("psql {{mode}} x\n", "a=b\n"), "psql a=b x\n");
}

TEST(Spelling, IsIndentedLikeItsLine) {
  EXPECT_EQ(insert_spelling("{\n  {{mode}}\n}\n", "a,\nb,\n"), "{\n  a,\n  b,\n}\n");
}

TEST(Spelling, LeavesNothingBehindWhenThereIsNone) {
  EXPECT_EQ(insert_spelling("{\n  {{mode}}\n}\n", ""), "{\n}\n");
  EXPECT_EQ(insert_spelling("a {{mode}} b", ""), "a b");
}

}  // namespace
}  // namespace tlswarden::cli

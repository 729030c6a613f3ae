#include "cli/json_path_template.hpp"

#include <gmock/gmock.h>

namespace tlswarden::cli {
namespace {

using ::testing::HasSubstr;

const nlohmann::ordered_json kDocument = nlohmann::ordered_json::parse(R"({
  "kind": "List", "n": 7, "yes": true, "nothing": null,
  "labels": {"a.b/c": "dotted"},
  "items": [{"name": "a", "port": 1, "list": [1, 2]}, {"name": "b", "port": 2}, {"port": 3}]})");

struct Printed {
  const char* text;
  const char* printed;
};

class JsonPaths : public ::testing::TestWithParam<Printed> {};
INSTANTIATE_TEST_SUITE_P(
    Table, JsonPaths,
    ::testing::Values(
        Printed{"{.kind}", "List"}, Printed{".kind", "List"}, Printed{"kind", "kind"}, Printed{"{$.n}", "7"},
        Printed{"{.yes}{.nothing}", "true"}, Printed{"{.items[*].name}", "a b"},
        Printed{"{.items[0].list}", "[1,2]"}, Printed{"{.items[-1].port}", "3"}, Printed{"{.other.name}", ""},
        Printed{"{.other[9].name}", ""}, Printed{"{.nothing[0]}{.kind.name}", ""},
        Printed{"{.items[2].list[*]}", ""}, Printed{"{.items[0:2].port}", "1 2"},
        Printed{"{.items[-2:].port}", "2 3"}, Printed{"{.items[::2].port}", "1 3"},
        Printed{"{.items[1:1].port}", ""}, Printed{"{.items[0,2].port}", "1 3"},
        Printed{"{.items[*]['name','port']}", "a b 1 2 3"}, Printed{"{.items[0]['list[1]']}", "2"},
        Printed{"{..name}", "a b"}, Printed{"{.items..port}", "1 2 3"}, Printed{"{..list[1]}", "2"},
        Printed{"{.labels.a\\.b/c}", "dotted"}, Printed{"{.labels['a.b/c']}", "dotted"},
        Printed{"{.labels.*}", "dotted"}, Printed{"a {.kind}{\"\\n\"}b{'\\t'}", "a List\nb\t"},
        Printed{"{.items[?(@.name==\"b\")].port}", "2"}, Printed{"{.items[?(@.port != 2)].port}", "1 3"},
        Printed{"{.items[?(@.port>1)].port}", "2 3"}, Printed{"{.items[?(@.port <= 2)].port}", "1 2"},
        Printed{"{.items[?(@.name < 'b')].port}", "1"}, Printed{"{.items[?(2>=@.port)].port}", "1 2"},
        Printed{"{.items[?(@.list)].name}", "a"}, Printed{"{.items[?(@.list[1]==2)].name}", "a"},
        Printed{"{.items[?(.port==2)].name}", "b"}, Printed{"{.items[?(@.port==@.list[0])].name}", "a"},
        // What is not there is neither equal nor unequal.
        Printed{"{.items[?(@.name!=\"a\")].port}", "2"}, Printed{"{.items[?(@.name==\"a]'\\\"\")].port}", ""},
        Printed{"{range .items[*]}{.name}:{.port}{\"\\n\"}{end}", "a:1\nb:2\n:3\n"},
        Printed{"{.items[0]['name']}", "a"}, Printed{"{.items.*.port}", "1 2 3"}));

TEST_P(JsonPaths, ArePrintedAsKubectlDoes) {
  const auto path = JsonPathTemplate::parse(GetParam().text);
  ASSERT_TRUE(path) << path.error().message;
  const auto printed = path->print(kDocument);
  ASSERT_TRUE(printed) << printed.error().message;
  EXPECT_EQ(*printed, GetParam().printed);
}

class JsonPathsThatLeadNowhere : public ::testing::TestWithParam<Printed> {};
INSTANTIATE_TEST_SUITE_P(
    Table, JsonPathsThatLeadNowhere,
    ::testing::Values(Printed{"{.items[9].name}", "array index out of bounds: index 9, length 3"},
                      Printed{"{.items[-4]}", "index -1, length 3"},
                      Printed{"{.items[0:4]}", "index 3, length 3"},
                      Printed{"{.items[2:1]}", "starting index 2 is greater than ending index 1"},
                      Printed{"{.kind[0]}", "needs a list"}, Printed{"{.labels[*]}", "needs a list"},
                      Printed{"{.labels[?(@.a)]}", "needs a list"},
                      Printed{"{.items[?(@.port==\"1\")]}", "incompatible types for comparison"},
                      Printed{"{.items[?(@.list==1)]}", "incompatible types for comparison"},
                      Printed{"{.items[?(@.list[*]==1)]}", "one element at a time"},
                      Printed{"{range .items[*]}{.name[0]}{end}", "needs a list"}));

TEST_P(JsonPathsThatLeadNowhere, AreErrorsAsTheyAreToKubectl) {
  const auto path = JsonPathTemplate::parse(GetParam().text);
  ASSERT_TRUE(path) << path.error().message;
  const auto printed = path->print(kDocument);
  ASSERT_FALSE(printed) << *printed;
  EXPECT_THAT(printed.error().message, HasSubstr(GetParam().printed));
}

class StrangeJsonPaths : public ::testing::TestWithParam<Printed> {};
INSTANTIATE_TEST_SUITE_P(
    Table, StrangeJsonPaths,
    ::testing::Values(
        Printed{"{.a", "no '}'"}, Printed{"{.a.}", "not understood"}, Printed{"{..}", "not understood"},
        Printed{"{.items[]}", "not understood"}, Printed{"{.items[0:2:0]}", "not understood"},
        Printed{"{.items[1:2:3:4]}", "not understood"}, Printed{"{.items[a]}", "not understood"},
        Printed{"{.items[0,]}", "not understood"}, Printed{"{.items[0}", "not understood"},
        Printed{"{range .items[*]}{.name}", "without its {end}"}, Printed{"{end}", "without a {range}"},
        Printed{"{\"a}", "no '}'"}, Printed{"{.items[?(@.port =~ 2)]}", "not understood"},
        Printed{"{.items[?(@.a==1 && @.b==2)]}", "not understood"},
        Printed{"{.items[?(@.a==\"1\" && @.b==\"2\")]}", "not understood"},
        Printed{"{kind}", "neither a path"}, Printed{"{5}", "neither a path"},
        Printed{"{.items[?(@.a==b)]}", "not understood"}, Printed{"{.items[?(@.a=1)]}", "not understood"},
        Printed{"{.items[?(1)]}", "not understood"}, Printed{"{\"\\q\"}", "backslash"},
        Printed{"{.a b}", "not understood"}));

TEST_P(StrangeJsonPaths, AreRefused) {
  const auto path = JsonPathTemplate::parse(GetParam().text);
  ASSERT_FALSE(path);
  EXPECT_THAT(path.error().message, HasSubstr(GetParam().printed));
}

TEST(JsonPath, ANestOfFiltersHasABottom) {
  std::string text = "@.a";
  for (int i = 0; i < 100; ++i)
    text = "@.a[?(" + text + ")]";
  EXPECT_FALSE(JsonPath::parse(text));
}

TEST(JsonPath, ANestOfRangesHasABottom) {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "{range .a}";
  EXPECT_FALSE(JsonPathTemplate::parse(text));
}

}  // namespace
}  // namespace tlswarden::cli

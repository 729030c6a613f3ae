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
    ::testing::Values(Printed{"{.kind}", "List"}, Printed{".kind", "List"}, Printed{"{$.n}", "7"},
                      Printed{"{.yes}{.nothing}", "true"}, Printed{"{.items[*].name}", "a b"},
                      Printed{"{.items[0].list}", "[1,2]"}, Printed{"{.items[-1].port}", "3"},
                      Printed{"{.items[9].name}", ""}, Printed{"{.other.name}", ""},
                      Printed{"{.labels.a\\.b/c}", "dotted"}, Printed{"{.labels['a.b/c']}", "dotted"},
                      Printed{"{.labels.*}", "dotted"}, Printed{"a {.kind}{\"\\n\"}b{'\\t'}", "a List\nb\t"},
                      Printed{"{.items[?(@.name==\"b\")].port}", "2"},
                      Printed{"{.items[?(@.port != 2)].port}", "1 3"},
                      Printed{"{range .items[*]}{.name}:{.port}{\"\\n\"}{end}", "a:1\nb:2\n:3\n"},
                      Printed{"{.items[0]['name']}", "a"}, Printed{"{.items.*.port}", "1 2 3"}));

TEST_P(JsonPaths, ArePrintedAsKubectlDoes) {
  const auto path = JsonPathTemplate::parse(GetParam().text);
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(path->print(kDocument), GetParam().printed);
}

class StrangeJsonPaths : public ::testing::TestWithParam<Printed> {};
INSTANTIATE_TEST_SUITE_P(Table, StrangeJsonPaths,
                         ::testing::Values(Printed{"{.a", "no '}'"}, Printed{"{..name}", "not understood"},
                                           Printed{"{.items[0:2]}", "not understood"},
                                           Printed{"{.items[0}", "not understood"},
                                           Printed{"{range .items[*]}{.name}", "without its {end}"},
                                           Printed{"{end}", "without a {range}"}, Printed{"{\"a}", "no '}'"},
                                           Printed{"{.items[?(@.port > 2)]}", "not understood"},
                                           Printed{"{.items[?(.port==2)]}", "not understood"},
                                           Printed{"{.a b}", "not understood"}));

TEST_P(StrangeJsonPaths, AreRefused) {
  const auto path = JsonPathTemplate::parse(GetParam().text);
  ASSERT_FALSE(path);
  EXPECT_THAT(path.error().message, HasSubstr(GetParam().printed));
}

TEST(JsonPath, ANestOfRangesHasABottom) {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "{range .a}";
  EXPECT_FALSE(JsonPathTemplate::parse(text));
}

}  // namespace
}  // namespace tlswarden::cli

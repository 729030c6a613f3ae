#include "resource/manifest_yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "resource/manifest_material.hpp"
#include "resource/manifest_text.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Json value_of(const std::string& text) {
  YamlText yaml = read_yaml(text, {});
  if (yaml.documents.size() != 1 || !yaml.errors.empty() || !yaml.documents[0].problems.empty()) {
    return "not one clean document";
  }
  return yaml.documents[0].value;
}

TEST(Yaml, reads_plain_scalars_by_the_core_schema) {
  const std::vector<std::pair<const char*, Json>> cases{{"true", true},
                                                        {"False", false},
                                                        {"yes", "yes"},
                                                        {"on", "on"},
                                                        {"Null", nullptr},
                                                        {"~", nullptr},
                                                        {"42", 42},
                                                        {"-7", -7},
                                                        {"+7", 7},
                                                        {"0o17", 15},
                                                        {"0xff", 255},
                                                        {"1.5", 1.5},
                                                        {"-.5", -0.5},
                                                        {"1e3", 1000.0},
                                                        {"1.", 1.0},
                                                        {"02:00", "02:00"},
                                                        {"1.2.3", "1.2.3"},
                                                        {".", "."},
                                                        {"0x", "0x"},
                                                        {".inf", ".inf"},
                                                        {"1e999", "1e999"},
                                                        {"0x-1", "0x-1"},
                                                        {"12h", "12h"},
                                                        {"2026-03-01", "2026-03-01"},
                                                        {"99999999999999999999", 1e20}};
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(value_of(std::string("[") + text + "]"), Json::array({expected})) << text;
  }
}

TEST(Yaml, keeps_quoted_scalars_text) {
  EXPECT_EQ(value_of("a: \"8.0\"\nb: 'true'\nc: \"\"\nd: |\n  12\n"),
            (Json{{"a", "8.0"}, {"b", "true"}, {"c", ""}, {"d", "12\n"}}));
  EXPECT_EQ(value_of("a: !!str 12"), (Json{{"a", "12"}}));
}

TEST(Yaml, keeps_the_first_of_two_equal_keys_and_says_where_they_are) {
  const YamlText yaml = read_yaml("a:\n  b: 1\n  c: 2\n  b: 3\n", {});
  ASSERT_THAT(yaml.documents, SizeIs(1));
  EXPECT_EQ(yaml.documents[0].value, (Json{{"a", {{"b", 1}, {"c", 2}}}}));
  ASSERT_THAT(yaml.documents[0].problems, SizeIs(1));
  EXPECT_EQ(yaml.documents[0].problems[0].line, 4);
  EXPECT_EQ(yaml.documents[0].problems[0].path.text(), "a.b");
}

TEST(Yaml, drops_the_whole_value_of_a_repeated_key) {
  const YamlText yaml = read_yaml("a: 1\na: {x: [1, {y: 2}]}\nb: 3\n", {});
  ASSERT_THAT(yaml.documents, SizeIs(1));
  EXPECT_EQ(yaml.documents[0].value, (Json{{"a", 1}, {"b", 3}}));
}

TEST(Yaml, knows_the_line_of_every_field) {
  const YamlText yaml =
      read_yaml("# c\na:\n  - b: 1\n    c:\n      deep: |\n        text\n  - x\n---\nd: 1\n", {});
  ASSERT_THAT(yaml.documents, SizeIs(2));
  const auto& [value, marks, problems] = yaml.documents[0];
  const FieldPath list = FieldPath().key("a");
  EXPECT_EQ(line_of(value, marks, list), 2);
  EXPECT_EQ(line_of(value, marks, list.item(0)), 3);
  EXPECT_EQ(line_of(value, marks, list.item(0).key("c").key("deep")), 5);
  EXPECT_EQ(line_of(value, marks, list.item(1)), 7);
  EXPECT_EQ(line_of(value, marks, list.item(0).key("missing")), 3);
  EXPECT_EQ(line_of(yaml.documents[1].value, yaml.documents[1].marks, FieldPath().key("d")), 9);
}

TEST(Yaml, reads_on_after_a_syntax_error_at_the_next_document) {
  const YamlText yaml = read_yaml("a: [1\n---\nb: 2\n---\n}\n--- \nc: 3\n", {});
  ASSERT_THAT(yaml.documents, SizeIs(2));
  EXPECT_EQ(yaml.documents[0].value, (Json{{"b", 2}}));
  EXPECT_EQ(yaml.documents[1].value, (Json{{"c", 3}}));
  ASSERT_THAT(yaml.errors, SizeIs(2));
  EXPECT_EQ(yaml.errors[1].line, 5);
}

TEST(Yaml, takes_a_line_of_dashes_within_a_value_for_text) {
  EXPECT_EQ(value_of("a: |\n  -----BEGIN X-----\n  ---\nb: ---x\n"),
            (Json{{"a", "-----BEGIN X-----\n---\n"}, {"b", "---x"}}));
}

struct Bomb {
  const char* name;
  std::string text;
  const char* message;
};

class YamlBomb : public testing::TestWithParam<Bomb> {};

std::string repeated(const std::string& part, std::size_t count) {
  std::string text;
  text.reserve(part.size() * count);
  for (std::size_t i = 0; i < count; ++i)
    text += part;
  return text;
}

TEST_P(YamlBomb, is_refused_whole_with_one_message) {
  ManifestLimits limits;
  limits.bytes = std::size_t{4} << 20U;
  limits.nodes = 20'000;
  const Manifest manifest = parse_manifest(GetParam().text, "bomb.yaml", limits);
  ASSERT_THAT(manifest.diagnostics, SizeIs(1));
  EXPECT_THAT(manifest.diagnostics[0].text(), HasSubstr(GetParam().message));
  EXPECT_THAT(manifest.endpoints, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    EveryKind, YamlBomb,
    testing::Values(
        Bomb{"size", std::string(std::size_t{5} << 20U, ' '), "larger than 4194304 bytes"},
        Bomb{"nodes", repeated("- 1\n", 30'000), "bomb.yaml:20000: the text has more than 20000 values"},
        Bomb{"nodes_in_documents", repeated("--- 1\n", 30'000), "more than 20000 values"},
        Bomb{"depth_of_blocks", repeated("- ", 1000), "nested more than 64 levels"},
        Bomb{"depth_of_brackets", "a: " + repeated("[\n", 1000) + repeated("]", 1000),
             "nested more than 64 levels"},
        Bomb{"open_brackets", repeated("[\n", 2'000'000), "longer than 2 MiB"},
        Bomb{"one_long_value", "a: " + std::string(std::size_t{3} << 20U, 'x'), "longer than 2 MiB"},
        Bomb{"long_key", "? " + std::string(1025, 'k') + "\n: 1\n", "name is longer than 1024 bytes"}),
    [](const auto& bomb) { return std::string(bomb.param.name); });

TEST(YamlBomb, of_aliases_is_not_expanded) {
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    text += std::string(1, c) + ": &" + c + " [" + repeated("*" + before + ",", 9) + "]\n";
  }
  const YamlText yaml = read_yaml(text, {});
  ASSERT_THAT(yaml.documents, SizeIs(1));
  EXPECT_THAT(yaml.documents[0].problems, SizeIs(81));
  EXPECT_THAT(yaml.documents[0].problems[0].message, HasSubstr("aliases are not read"));
}

TEST(Yaml, is_not_cut_off_by_the_character_that_yaml_cpp_takes_for_its_end) {
  const YamlText yaml = read_yaml("a: 1\n# \x04\nb: 2\n", {});
  EXPECT_TRUE(yaml.refused);
  EXPECT_THAT(yaml.errors, testing::ElementsAre(Field(&YamlProblem::line, 2)));
}

TEST(ManifestText, finds_the_line_that_is_not_utf8) {
  EXPECT_EQ(line_with_broken_utf8("é\n€\n\xF0\x9F\x90\x98\n"), 0);
  for (const char* bad :
       {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\xE2\x82"}) {
    EXPECT_EQ(line_with_broken_utf8(std::string("ok\n") + bad), 2) << testing::PrintToString(bad);
  }
}

TEST(Base64, decodes_what_rfc_4648_gives_as_examples) {
  const std::vector<std::pair<const char*, const char*>> cases{{"", ""},
                                                               {"Zg==", "f"},
                                                               {"Zm8=", "fo"},
                                                               {"Zm9v", "foo"},
                                                               {"Zm9vYg==", "foob"},
                                                               {"Zm9v\nYmE=\n", "fooba"},
                                                               {"Zm9vYmFy", "foobar"}};
  for (const auto& [text, expected] : cases) {
    const auto decoded = decode_base64(text);
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(*decoded, expected);
  }
}

TEST(Base64, refuses_everything_else) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "Zm9v=", "====", "Zh==", "Zm9=",
                           "Z g==", "Zg==Zg==", "Zm9v-_==", "Z=g="}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

}  // namespace
}  // namespace tlswarden::resource

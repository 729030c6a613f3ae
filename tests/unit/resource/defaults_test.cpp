#include "resource/defaults.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "resource/manifest_yaml.hpp"
#include "tests/unit/resource/manifest_fixture.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

class Defaults : public testing::TestWithParam<std::filesystem::path> {
 protected:
  Json spec() const { return read_yaml(content_of(GetParam()), {}).documents.at(0).value.at("spec"); }
};

TEST_P(Defaults, are_those_of_the_golden_file) {
  std::filesystem::path golden = GetParam();
  golden.replace_extension(".json");
  Json value = spec();
  apply_spec_defaults(value);
  // Plain json compares without regard to the order of fields.
  EXPECT_EQ(nlohmann::json(value), nlohmann::json::parse(content_of(golden))) << value.dump(2);
}

TEST_P(Defaults, change_nothing_when_applied_again) {
  Json once = spec();
  apply_spec_defaults(once);
  Json twice = once;
  apply_spec_defaults(twice);
  EXPECT_EQ(once, twice);
}

TEST_P(Defaults, make_an_endpoint_without_complaint) {
  EXPECT_FALSE(parse_manifest(content_of(GetParam()), "a.yaml").has_errors());
}

INSTANTIATE_TEST_SUITE_P(Golden, Defaults, testing::ValuesIn(files_in(testdata("defaults"), ".yaml")),
                         [](const auto& file) { return file.param.stem().string(); });

TEST(EngineDefaults, follow_from_the_engine_where_the_schema_has_none) {
  for (const Engine engine : kAllEngines) {
    Json spec{{"engine", std::string(to_string(engine))}, {"host", "db"}};
    apply_spec_defaults(spec);
    EXPECT_EQ(spec.at("port"), engine_facts(engine).port);
    EXPECT_EQ(spec.at("tls").at("mode"), std::string(to_string(engine_facts(engine).default_mode)));
  }
}

TEST(EngineDefaults, a_seed_list_turns_tls_on) {
  Json spec{{"engine", "mongodb"}, {"host", "cluster0.example.net"}, {"srv", true}};
  apply_spec_defaults(spec);
  EXPECT_EQ(spec.at("tls").at("mode"), "verify-full");
  spec["tls"]["mode"] = "require";
  apply_spec_defaults(spec);
  EXPECT_EQ(spec.at("tls").at("mode"), "require");
}

TEST(SchemaDefaults, fill_present_mappings_only) {
  const Json schema = Json::parse(R"({"type": "object", "properties": {
    "a": {"type": "object", "properties": {"x": {"type": "integer", "default": 1}}},
    "b": {"type": "object", "default": {}, "properties": {"x": {"type": "integer", "default": 2}}},
    "c": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer", "default": 3}}}}}})");
  Json value = Json::parse(R"({"c": [{}, {"x": 9}]})");
  apply_schema_defaults(schema, value);
  EXPECT_EQ(value, Json::parse(R"({"c": [{"x": 3}, {"x": 9}], "b": {"x": 2}})"));
  value = Json::parse(R"({"a": {}})");
  apply_schema_defaults(schema, value);
  EXPECT_EQ(value, Json::parse(R"({"a": {"x": 1}, "b": {"x": 2}})"));
}

}  // namespace
}  // namespace tlswarden::resource

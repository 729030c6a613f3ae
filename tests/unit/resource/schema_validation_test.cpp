#include "resource/schema_validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "resource/defaults.hpp"
#include "resource/engine.hpp"
#include "resource/manifest_yaml.hpp"
#include "resource/status.hpp"
#include "schema/embedded.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;
using Visit = std::function<void(const std::string& path, const Json& schema)>;

Json definition() {
  return read_yaml(schema::databaseendpoint(), {}).documents.at(0).value;
}

/// Every schema below `schema`, those of items included.
void walk(const Json& schema, const std::string& path, const Visit& visit) {
  visit(path, schema);
  if (schema.contains("items")) walk(schema.at("items"), path + "[]", visit);
  if (!schema.contains("properties")) return;
  for (const auto& [name, field] : schema.at("properties").items()) {
    std::string longer = path;
    longer.append(".").append(name);
    walk(field, longer, visit);
  }
}

void walk_fields(const Visit& visit) {
  for (const char* part : {"spec", "status"})
    walk(endpoint_schema().at("properties").at(part), part, visit);
}

std::set<std::string> words(const char* path) {
  const Json* schema = field_schema(FieldPath::of(path));
  if (schema == nullptr) return {};
  return schema->at("enum").get<std::set<std::string>>();
}

TEST(Crd, describes_every_field) {
  walk_fields([](const std::string& path, const Json& schema) {
    EXPECT_GT(schema.value("description", "").size(), 3U) << path;
    EXPECT_TRUE(schema.value("description", "").ends_with('.')) << path;
  });
}

TEST(Crd, bounds_every_field) {
  walk_fields([](const std::string& path, const Json& schema) {
    const std::string type = schema.at("type");
    if (type == "string") {
      EXPECT_TRUE(schema.contains("enum") || schema.contains("maxLength")) << path;
    } else if (type == "array") {
      EXPECT_TRUE(schema.contains("maxItems") && schema.contains("items")) << path;
      EXPECT_TRUE(schema.contains("x-kubernetes-list-type")) << path;
    } else if (type == "integer") {
      EXPECT_TRUE(schema.contains("minimum")) << path;
      EXPECT_TRUE(schema.contains("maximum") || schema.at("format") == "int64") << path;
    } else if (type == "object") {
      EXPECT_TRUE(schema.contains("properties")) << path;
    } else {
      EXPECT_EQ(type, "boolean") << path;
    }
  });
}

TEST(Crd, says_in_words_what_a_pattern_accepts) {
  walk(endpoint_schema().at("properties").at("spec"), "spec",
       [](const std::string& path, const Json& schema) {
         if (!schema.contains("pattern")) return;
         EXPECT_THAT(schema.value("description", ""), testing::HasSubstr("Accepted: ")) << path;
       });
}

TEST(Crd, is_structural) {
  walk(endpoint_schema(), "", [](const std::string& path, const Json& schema) {
    EXPECT_TRUE(schema.contains("type")) << path;
    for (const char* forbidden : {"additionalProperties", "$ref", "definitions", "deprecated", "id",
                                  "nullable", "patternProperties", "uniqueItems", "readOnly", "xml"}) {
      EXPECT_FALSE(schema.contains(forbidden)) << path << " has " << forbidden;
    }
    if (!schema.contains("oneOf")) return;
    for (const Json& one : schema.at("oneOf")) {
      EXPECT_EQ(one.size(), 1U) << path;
      for (const Json& name : one.at("required"))
        EXPECT_TRUE(schema.at("properties").contains(name)) << path;
    }
  });
}

TEST(Crd, leaves_metadata_to_the_server) {
  // With anything else, even a description, the API server refuses the definition.
  EXPECT_EQ(endpoint_schema().at("properties").at("metadata"), (Json{{"type", "object"}}));
}

TEST(Crd, says_in_words_what_each_of_its_rules_asks_for) {
  std::size_t rules = 0;
  walk(endpoint_schema(), "", [&](const std::string& path, const Json& schema) {
    for (const Json& rule : schema.value("x-kubernetes-validations", Json::array())) {
      ++rules;
      EXPECT_FALSE(rule.at("rule").get<std::string>().empty()) << path;
      const std::string message = rule.at("message");
      EXPECT_GT(message.size(), 10U) << path;
      EXPECT_EQ(message.find('\n'), std::string::npos) << path;
      if (!rule.contains("fieldPath")) continue;
      const std::string field = path.substr(1) + rule.at("fieldPath").get<std::string>();
      EXPECT_NE(field_schema(FieldPath::of(field)), nullptr) << field;
    }
  });
  EXPECT_GT(rules, 20U);
}

TEST(Crd, repeats_no_value_that_may_hold_a_private_key) {
  // The API server shows the value of the field that a rule stands at, unless that is a mapping.
  walk(endpoint_schema(), "", [](const std::string& path, const Json& schema) {
    if (!path.ends_with(".inline")) return;
    EXPECT_FALSE(schema.contains("x-kubernetes-validations")) << path;
    EXPECT_FALSE(schema.contains("pattern")) << path;
  });
}

TEST(Crd, knows_how_each_engine_begins_with_tls) {
  std::string in_band;
  std::string not_direct;
  for (const Json& rule : field_schema(FieldPath::of("spec"))->at("x-kubernetes-validations")) {
    const std::string text = rule.at("rule");
    if (text.starts_with("self.tls.negotiation != 'in-band' || self.engine in [")) in_band = text;
    if (text.starts_with("self.tls.negotiation != 'direct' || !(self.engine in [")) not_direct = text;
  }
  for (const Engine engine : kAllEngines) {
    const std::string name = "'" + std::string(to_string(engine)) + "'";
    EXPECT_EQ(in_band.find(name) != std::string::npos, engine_facts(engine).in_band) << name;
    EXPECT_EQ(not_direct.find(name) == std::string::npos, engine_facts(engine).direct) << name;
  }
}

TEST(Crd, requires_the_keys_of_its_list_maps) {
  walk(endpoint_schema(), "", [](const std::string& path, const Json& schema) {
    if (!schema.contains("x-kubernetes-list-map-keys")) return;
    EXPECT_EQ(schema.at("x-kubernetes-list-type"), "map") << path;
    for (const Json& key : schema.at("x-kubernetes-list-map-keys")) {
      EXPECT_THAT(schema.at("items").at("required"), testing::Contains(key)) << path;
    }
  });
  EXPECT_EQ(field_schema(FieldPath::of("status.conditions"))->at("x-kubernetes-list-map-keys"),
            Json::array({"type"}));
}

TEST(Crd, has_the_group_names_and_columns_of_the_reference) {
  const Json crd = definition();
  EXPECT_EQ(crd.at("metadata").at("name"), "databaseendpoints.tlswarden.dev");
  const Json& spec = crd.at("spec");
  EXPECT_EQ(spec.at("group"), "tlswarden.dev");
  EXPECT_EQ(spec.at("scope"), "Namespaced");
  EXPECT_EQ(spec.at("names").at("kind"), "DatabaseEndpoint");
  EXPECT_EQ(spec.at("names").at("shortNames"), Json::array({"dbe"}));
  const Json& version = spec.at("versions").at(0);
  EXPECT_EQ(version.at("name"), "v1alpha1");
  EXPECT_TRUE(version.at("subresources").contains("status"));
  for (const Json& column : version.at("additionalPrinterColumns")) {
    const bool age = column.at("name") == "Age";
    EXPECT_EQ(column.at("type"), age ? "date" : "string") << column.at("name");
  }
}

TEST(Crd, starts_a_status_that_nobody_takes_for_ready) {
  EXPECT_EQ(endpoint_schema().at("properties").at("status").at("default"),
            (Json{{"observedGeneration", -1}}));
}

TEST(Crd, leaves_defaults_that_depend_on_the_engine_to_the_agent) {
  EXPECT_FALSE(field_schema(FieldPath::of("spec.port"))->contains("default"));
  EXPECT_FALSE(field_schema(FieldPath::of("spec.tls.mode"))->contains("default"));
}

TEST(Crd, has_defaults_that_it_accepts_itself) {
  Json spec{{"engine", "redis"}, {"host", "db"}};
  apply_spec_defaults(spec);
  EXPECT_THAT(schema_violations(spec), testing::IsEmpty());
}

template <class Values, class Parse>
void expect_same_words(const char* path, const Values& values, Parse parse) {
  std::set<std::string> names;
  for (const auto value : values)
    names.insert(std::string(to_string(value)));
  EXPECT_EQ(words(path), names) << path;
  for (const std::string& word : words(path))
    EXPECT_TRUE(parse(word)) << path << " " << word;
}

TEST(Crd, has_the_same_words_as_the_code) {
  expect_same_words("spec.engine", kAllEngines, parse_engine);
  expect_same_words("spec.tls.mode", kAllModes, parse_mode);
  expect_same_words("spec.tls.negotiation",
                    std::array{NegotiationStyle::kAuto, NegotiationStyle::kInBand, NegotiationStyle::kDirect},
                    parse_negotiation);
  expect_same_words(
      "spec.tls.minVersion",
      std::array{TlsVersion::kTls10, TlsVersion::kTls11, TlsVersion::kTls12, TlsVersion::kTls13},
      parse_tls_version);
  std::set<std::string> urgencies;
  for (const Urgency urgency : {Urgency::kNow, Urgency::kSoon, Urgency::kPlanned, Urgency::kConsider}) {
    urgencies.insert(std::string(to_string(urgency)));
  }
  EXPECT_EQ(field_schema(FieldPath::of("status.advice.urgency"))->at("enum").get<std::set<std::string>>(),
            urgencies);
}

TEST(FieldSchema, is_found_through_lists_and_absent_for_unknown_fields) {
  ASSERT_NE(field_schema(FieldPath::of("spec.rotation.maintenanceWindows.start")), nullptr);
  EXPECT_EQ(field_schema(FieldPath::of("spec.nonsense")), nullptr);
  EXPECT_EQ(field_schema(FieldPath::of("spec.host.more")), nullptr);
}

TEST(SchemaViolations, reports_each_of_several_at_its_own_field) {
  const Json spec = Json::parse(R"({"engine": "redis", "port": 0, "tls": {"mode": 1, "ca": {"file": 3}},
                                    "rotation": {"maintenanceWindows": [{"start": "02:00"}]}})");
  std::set<std::string> paths;
  for (const Violation& violation : schema_violations(spec))
    paths.insert(violation.path.text());
  EXPECT_THAT(paths,
              testing::ElementsAre("spec.host", "spec.port", "spec.rotation.maintenanceWindows[0].duration",
                                   "spec.tls.ca.file", "spec.tls.mode"));
}

}  // namespace
}  // namespace tlswarden::resource

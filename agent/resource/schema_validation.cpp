#include "resource/schema_validation.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "resource/manifest_yaml.hpp"
#include "resource/schema_validation_words.hpp"
#include "schema/embedded.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

Json load_schema() {
  YamlText text = read_yaml(schema::databaseendpoint(), ManifestLimits{});
  if (text.documents.size() != 1 || !text.errors.empty()) {
    throw std::logic_error("schema/databaseendpoint.crd.yaml is no single YAML document");
  }
  return text.documents.front().value.at("spec").at("versions").at(0).at("schema").at("openAPIV3Schema");
}

struct SpecSchema {
  SpecSchema() {
    const nlohmann::json source = endpoint_schema().at("properties").at("spec");
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(source), compiled);
  }
  valijson::Schema compiled;
};

const valijson::Schema& spec_schema() {
  static const SpecSchema schema;
  return schema.compiled;
}

const Json* member_schema(const Json& schema, std::string_view name) {
  const auto properties = schema.find("properties");
  if (properties == schema.end()) return nullptr;
  const auto found = properties->find(std::string(name));
  return found == properties->end() ? nullptr : &*found;
}

const Json* through_items(const Json* schema) {
  while (schema != nullptr && schema->contains("items"))
    schema = &schema->at("items");
  return schema;
}

/// A copy for valijson, whose regular expressions recurse per character and whose time grows with its input:
/// text and lists beyond their bound are cut just behind it, so that they still break it; what the schema
/// does not know is left out.
nlohmann::json bounded_copy(const Json& value, const Json& schema) {
  if (value.is_object() && schema.contains("properties")) {
    nlohmann::json copy = nlohmann::json::object();
    for (const auto& [name, member] : value.items()) {
      if (const Json* known = member_schema(schema, name)) copy[name] = bounded_copy(member, *known);
    }
    return copy;
  }
  if (value.is_array() && schema.contains("items")) {
    const auto most = schema.value("maxItems", std::size_t{0}) + 1;
    nlohmann::json copy = nlohmann::json::array();
    for (std::size_t i = 0; i < std::min(most, value.size()); ++i) {
      copy.push_back(bounded_copy(value[i], schema.at("items")));
    }
    return copy;
  }
  if (const auto* text = value.get_ptr<const std::string*>()) {
    constexpr std::size_t kLongestCodePoint = 4;
    std::size_t most = (schema.value("maxLength", std::size_t{64}) + 1) * kLongestCodePoint;
    while (most < text->size() && (static_cast<unsigned char>((*text)[most]) & 0xC0U) == 0x80U)
      ++most;
    return text->substr(0, most);
  }
  if (value.is_structured()) return value.is_array() ? nlohmann::json::array() : nlohmann::json::object();
  return nlohmann::json(value);
}

/// valijson's context is a list such as "<root>", "[tls]", "[0]".
FieldPath path_of(const std::vector<std::string>& context, const Json& spec) {
  FieldPath path;
  const Json* value = &spec;
  for (const std::string& step : context) {
    if (step.size() < 2 || step.front() != '[') continue;
    const std::string name = step.substr(1, step.size() - 2);
    if (value != nullptr && value->is_array()) {
      path = path.item(std::stoul(name));
    } else {
      path = path.key(name);
    }
    value = find(spec, path);
  }
  return path;
}

const Json* schema_at(const Json& root, const FieldPath& path) {
  const Json* schema = &root;
  for (const FieldPath::Step& step : path.steps()) {
    if (schema == nullptr) return nullptr;
    const auto* name = std::get_if<std::string>(&step);
    schema = name != nullptr ? member_schema(*schema, *name)
                             : (schema->contains("items") ? &schema->at("items") : nullptr);
  }
  return schema;
}

/// What a violation means in words; nothing for the echo that valijson reports at each enclosing value.
std::vector<Violation> describe_at(const Json& spec, const FieldPath& path) {
  const Json* schema = schema_at(endpoint_schema().at("properties").at("spec"), path);
  const Json* value = find(spec, path);
  if (schema == nullptr || value == nullptr) return {};
  return describe_violations(*schema, *value, FieldPath::of("spec").join(path));
}

}  // namespace

const Json& endpoint_schema() {
  static const Json schema = load_schema();
  return schema;
}

const Json* field_schema(const FieldPath& path) {
  const Json* schema = &endpoint_schema();
  for (const FieldPath::Step& step : path.steps()) {
    schema = through_items(schema);
    const auto* name = std::get_if<std::string>(&step);
    if (schema == nullptr || name == nullptr) return nullptr;
    schema = member_schema(*schema, *name);
  }
  return schema;
}

std::size_t items_to_check(const Json& schema, const Json& list) {
  return std::min(list.size(), schema.value("maxItems", list.size()));
}

std::vector<Violation> schema_violations(const Json& spec) {
  const nlohmann::json target = bounded_copy(spec, endpoint_schema().at("properties").at("spec"));
  valijson::ValidationResults results;
  // A validator keeps the regular expressions it has compiled, which cost more than everything else here.
  thread_local valijson::Validator validator;
  if (validator.validate(spec_schema(), valijson::adapters::NlohmannJsonAdapter(target), &results)) return {};

  std::vector<Violation> violations;
  std::set<std::string> seen;
  for (const auto& error : results) {
    const FieldPath path = path_of(error.context, spec);
    if (!seen.insert(path.text()).second) continue;
    for (Violation& violation : describe_at(spec, path))
      violations.push_back(std::move(violation));
  }
  if (violations.empty()) {
    const auto& last = *results.begin();
    violations.push_back({FieldPath::of("spec").join(path_of(last.context, spec)), last.description});
  }
  return violations;
}

}  // namespace tlswarden::resource

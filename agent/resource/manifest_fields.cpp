#include "resource/manifest_fields.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "resource/schema_validation.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> property_names(const Json& schema) {
  std::vector<std::string> names;
  for (const auto& [name, field] : schema.at("properties").items())
    names.push_back(name);
  return names;
}

void collect_paths(const Json& schema, const FieldPath& path, std::string_view wanted,
                   std::vector<FieldPath>& found) {
  if (const auto items = schema.find("items"); items != schema.end()) {
    collect_paths(*items, path, wanted, found);
    return;
  }
  const auto properties = schema.find("properties");
  if (properties == schema.end()) return;
  for (const auto& [name, field] : properties->items()) {
    if (name == wanted) found.push_back(path.key(name));
    collect_paths(field, path.key(name), wanted, found);
  }
}

std::string message_for(const std::string& given, const Json& schema, const FieldPath& path) {
  const auto* parent = path.steps().empty() ? nullptr : std::get_if<std::string>(&path.steps().back());
  if (given == "namespace" && parent != nullptr && parent->ends_with("KeyRef")) {
    return "there is no such field: Secrets and ConfigMaps are read from the endpoint's own namespace only; "
           "accepted: "
           "name, key";
  }
  if (const auto place = only_place_of(given)) {
    return "there is no such field here; it belongs to " + place->text();
  }
  return unknown_field_message(given, property_names(schema));
}

}  // namespace

std::optional<FieldPath> only_place_of(std::string_view name) {
  const FieldPath spec = FieldPath::of("spec");
  std::vector<FieldPath> places;
  collect_paths(*field_schema(spec), spec, name, places);
  if (places.size() != 1) return std::nullopt;
  return places.front();
}

std::string unknown_field_message(std::string_view given, std::span<const std::string> known) {
  if (const auto meant = base::nearest(given, known))
    return "there is no such field; did you mean " + *meant + "?";
  return "there is no such field; accepted: " + base::join({known.begin(), known.end()}, ", ");
}

void report_unknown_fields(const Json& schema, const Json& value, const FieldPath& path, Report& report) {
  if (value.is_array() && schema.contains("items")) {
    const std::size_t count = items_to_check(schema, value);
    for (std::size_t i = 0; i < count; ++i) {
      report_unknown_fields(schema.at("items"), value[i], path.item(i), report);
    }
    return;
  }
  const auto properties = schema.find("properties");
  if (!value.is_object() || properties == schema.end()) return;
  for (const auto& [name, member] : value.items()) {
    if (report.full()) return;
    if (const auto known = properties->find(name); known != properties->end()) {
      report_unknown_fields(*known, member, path.key(name), report);
    } else if (!report.has_error(path.key(name))) {
      report.error(path.key(name), message_for(name, schema, path));
    }
  }
}

}  // namespace tlswarden::resource

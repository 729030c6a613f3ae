#include "cli/schema_words.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/text.hpp"
#include "schema/embedded.hpp"

namespace tlswarden::cli {
namespace {

const YAML::Node& root() {
  static const YAML::Node schema =
      YAML::Load(std::string(schema::databaseendpoint()))["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
  return schema;
}

std::string text_at(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.Scalar() : "";
}

std::string type_of(const YAML::Node& node) {
  std::string type = text_at(node, "type");
  if (type == "array") return "[]" + type_of(node["items"]);
  if (type == "object" && node["additionalProperties"] && node["additionalProperties"].IsMap()) {
    return "map[string]" + type_of(node["additionalProperties"]);
  }
  if (type.empty() && node["x-kubernetes-int-or-string"]) return "integer or string";
  return type;
}

/// Where the children of a node stand: a list's are those of its items.
YAML::Node properties_of(const YAML::Node& node) {
  const YAML::Node items = node["items"];
  return items ? items["properties"] : node["properties"];
}

bool is_required(const YAML::Node& parent, const std::string& name) {
  const YAML::Node holder = parent["items"] ? parent["items"] : parent;
  const YAML::Node required = holder["required"];
  return required && std::any_of(required.begin(), required.end(),
                                 [&](const auto& item) { return item.template as<std::string>() == name; });
}

std::vector<std::string> bounds_of(const YAML::Node& node) {
  std::vector<std::string> bounds;
  const auto add = [&](const char* key, const std::string& before, const std::string& after) {
    if (const std::string value = text_at(node, key); !value.empty())
      bounds.push_back(before + value + after);
  };
  add("minimum", "at least ", "");
  add("maximum", "at most ", "");
  add("minLength", "at least ", " characters");
  add("maxLength", "at most ", " characters");
  add("minItems", "at least ", " items");
  add("maxItems", "at most ", " items");
  add("pattern", "matches ", "");
  return bounds;
}

std::string default_of(const YAML::Node& node) {
  const YAML::Node value = node["default"];
  if (!value) return "";
  YAML::Emitter out;
  out << YAML::Flow << value;
  return out.c_str();
}

FieldWords words_of(const YAML::Node& node, std::string path, bool required) {
  FieldWords words;
  words.path = std::move(path);
  words.type = type_of(node);
  words.description = text_at(node, "description");
  words.default_value = default_of(node);
  const YAML::Node choices = node["enum"]    ? node["enum"]
                             : node["items"] ? node["items"]["enum"]
                                             : YAML::Node();
  for (const auto& choice : choices)
    words.accepted.push_back(choice.as<std::string>());
  words.bounds = bounds_of(node);
  words.required = required;
  const YAML::Node children = properties_of(node);
  if (!children || !children.IsMap()) return words;
  for (const auto& child : children) {
    const auto name = child.first.as<std::string>();
    words.children.push_back(
        {name, type_of(child.second), text_at(child.second, "description"), is_required(node, name)});
  }
  return words;
}

bool is_reference(const YAML::Node& properties) {
  return properties && properties["secretKeyRef"].IsDefined();
}

void collect(const YAML::Node& node, const std::string& path, std::vector<std::string>& paths) {
  const YAML::Node properties = properties_of(node);
  if (!properties || !properties.IsMap() || is_reference(properties)) return;
  for (const auto& child : properties) {
    const std::string below = (path.empty() ? "" : path + ".") + child.first.as<std::string>();
    paths.push_back(below);
    collect(child.second, below, paths);
  }
}

}  // namespace

std::optional<FieldWords> find_field(std::string_view path) {
  YAML::Node node = root();
  std::string found;
  bool required = false;
  for (std::string_view part : base::split(path, '.')) {
    part = part.substr(0, part.find('['));
    const YAML::Node properties = properties_of(node);
    if (!properties || !properties.IsMap()) return std::nullopt;
    const auto match = std::find_if(properties.begin(), properties.end(), [&](const auto& child) {
      return base::equal_ignoring_case(child.first.template as<std::string>(), part);
    });
    if (match == properties.end()) return std::nullopt;
    const auto name = match->first.as<std::string>();
    required = is_required(node, name);
    found += (found.empty() ? "" : ".") + name;
    // reset(), not assignment, which would write into the schema itself.
    const YAML::Node next = match->second;
    node.reset(next);
  }
  return words_of(node, found, required);
}

const std::vector<std::string>& all_field_paths() {
  static const std::vector<std::string> paths = [] {
    std::vector<std::string> found;
    collect(root(), "", found);
    return found;
  }();
  return paths;
}

}  // namespace tlswarden::cli

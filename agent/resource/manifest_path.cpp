#include "resource/manifest_path.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace tlswarden::resource {
namespace {

bool is_plain(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

const nlohmann::ordered_json* step_into(const nlohmann::ordered_json& value, const FieldPath::Step& step) {
  if (const auto* name = std::get_if<std::string>(&step)) {
    if (!value.is_object()) return nullptr;
    const auto found = value.find(*name);
    return found == value.end() ? nullptr : &*found;
  }
  const std::size_t index = std::get<std::size_t>(step);
  return value.is_array() && index < value.size() ? &value[index] : nullptr;
}

}  // namespace

FieldPath FieldPath::of(std::string_view dotted) {
  FieldPath path;
  for (const std::string_view name : base::split(dotted, '.'))
    path.steps_.emplace_back(std::string(name));
  return path;
}

FieldPath FieldPath::key(std::string_view name) const {
  FieldPath longer = *this;
  longer.steps_.emplace_back(std::string(name));
  return longer;
}

FieldPath FieldPath::item(std::size_t index) const {
  FieldPath longer = *this;
  longer.steps_.emplace_back(index);
  return longer;
}

FieldPath FieldPath::join(const FieldPath& rest) const {
  FieldPath longer = *this;
  longer.steps_.insert(longer.steps_.end(), rest.steps_.begin(), rest.steps_.end());
  return longer;
}

std::string FieldPath::text() const {
  std::string text;
  for (const Step& step : steps_) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      if (!is_plain(*name)) {
        text += "[" + base::printable(*name, 80) + "]";
        continue;
      }
      if (!text.empty()) text += ".";
      text += *name;
    } else {
      text += "[" + std::to_string(std::get<std::size_t>(step)) + "]";
    }
  }
  return text;
}

const nlohmann::ordered_json* find(const nlohmann::ordered_json& root, const FieldPath& path) {
  const nlohmann::ordered_json* value = &root;
  for (const FieldPath::Step& step : path.steps()) {
    value = step_into(*value, step);
    if (value == nullptr) return nullptr;
  }
  return value;
}

const std::string* find_string(const nlohmann::ordered_json& root, const FieldPath& path) {
  const nlohmann::ordered_json* value = find(root, path);
  return value == nullptr ? nullptr : value->get_ptr<const std::string*>();
}

}  // namespace tlswarden::resource

#include "cli/custom_columns.hpp"

#include <map>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestCell = std::size_t{32} << 10U;

/// Go's %v: `map[a:1 b:2]`, sorted, and `[1 2]`.
std::string go_text(const Json& value) {
  std::vector<std::string> parts;
  if (value.is_null()) return "<nil>";
  if (value.is_array()) {
    for (const Json& element : value)
      parts.push_back(go_text(element));
    return "[" + base::join(parts, " ") + "]";
  }
  if (!value.is_object()) return json_path_text(value);
  std::map<std::string, std::string> sorted;
  for (const auto& [key, member] : value.items())
    sorted[key] = go_text(member);
  for (const auto& [key, text] : sorted)
    parts.push_back(std::string(key).append(":").append(text));
  return "map[" + base::join(parts, " ") + "]";
}

}  // namespace

base::Result<CustomColumns> CustomColumns::parse(std::string_view text) {
  CustomColumns columns;
  if (text.empty())
    return base::fail("custom columns are missing: -o custom-columns=NAME:.metadata.name,HOST:.spec.host");
  for (const std::string_view column : base::split(text, ',')) {
    const std::size_t colon = column.find(':');
    if (colon == std::string_view::npos || colon + 1 == column.size()) {
      return base::fail("the column '" + base::printable(column, 60) +
                        "' is not of the form HEADING:PATH, such as HOST:.spec.host");
    }
    std::string_view path = column.substr(colon + 1);
    if (path.size() > 1 && path.starts_with('{') && path.ends_with('}'))
      path = path.substr(1, path.size() - 2);
    auto parsed = JsonPath::parse(base::trimmed(path));
    if (!parsed)
      return base::fail("the column " + base::printable(column.substr(0, colon), 60) + ": " +
                        parsed.error().message);
    columns.headings_.push_back(base::printable(column.substr(0, colon)));
    columns.paths_.push_back(std::move(*parsed));
  }
  return columns;
}

base::Result<TextTable::Row, JsonPathError> CustomColumns::cells(const Json& object) const {
  TextTable::Row cells;
  for (const JsonPath& path : paths_) {
    const auto found = path.find(object);
    if (!found) return tl::unexpected(found.error());
    std::vector<std::string> values;
    for (const Json* value : *found)
      values.push_back(base::printable(go_text(*value), kLongestCell));
    cells.push_back(values.empty() ? "<none>" : base::join(values, ","));
  }
  return cells;
}

}  // namespace tlswarden::cli

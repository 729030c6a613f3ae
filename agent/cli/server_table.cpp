#include "cli/server_table.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "base/text.hpp"
#include "kube/json_text.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kLongestCell = std::size_t{32} << 10U;

/// A cell is one line: kubectl shows the first.
std::string cell_text(const Json& cell) {
  if (cell.is_null()) return {};
  if (!cell.is_string()) return cell.dump();
  const auto& text = cell.get_ref<const std::string&>();
  const std::size_t end = text.find_first_of("\n\r\f");
  return base::printable(text.substr(0, end), kLongestCell) + (end == std::string::npos ? "" : "...");
}

std::map<std::string, std::string> labels_of(const EndpointItem& item) {
  std::map<std::string, std::string> sorted;
  const auto object = item.body.find("object");
  if (object == item.body.end() || !object->is_object()) return sorted;
  const auto metadata = object->find("metadata");
  if (metadata == object->end() || !metadata->is_object() || !metadata->contains("labels")) return sorted;
  for (const auto& [key, value] : (*metadata)["labels"].items())
    sorted[key] = value.is_string() ? value.get<std::string>() : "";
  return sorted;
}

std::string labels_text(const std::map<std::string, std::string>& labels) {
  std::vector<std::string> pairs;
  for (const auto& [key, value] : labels)
    pairs.push_back(base::printable(std::string(key).append("=").append(value)));
  return pairs.empty() ? "<none>" : base::join(pairs, ",");
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace

void ServerTable::learn(const Json& definitions) {
  if (!headings_.empty() || !definitions.is_array() || definitions.empty()) return;
  if (options_.namespaces) headings_.emplace_back("NAMESPACE");
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    const Json& definition = definitions[i];
    const auto priority = definition.is_object() ? definition.find("priority") : definition.end();
    const bool lesser = definition.is_object() && priority != definition.end() &&
                        priority->is_number_integer() && priority->get<std::int64_t>() != 0;
    if (lesser && !options_.wide) continue;
    shown_.push_back(i);
    headings_.push_back(upper(base::printable(kube::text_at(definition, {"name"}))));
  }
  // The last part of `app.kubernetes.io/name` is what tells it from its neighbours.
  for (const std::string& label : options_.label_columns)
    headings_.push_back(upper(base::printable(label.substr(label.rfind('/') + 1))));
  if (options_.labels) headings_.emplace_back("LABELS");
}

std::vector<std::string> ServerTable::cells_of(const EndpointItem& item) const {
  std::vector<std::string> cells;
  if (options_.namespaces) cells.push_back(base::printable(item.ns));
  const Json& given = item.body.at("cells");
  for (const std::size_t column : shown_)
    cells.push_back(column < given.size() ? cell_text(given[column]) : "");
  const auto labels = labels_of(item);
  for (const std::string& label : options_.label_columns) {
    const auto value = labels.find(label);
    cells.push_back(value == labels.end() ? "" : base::printable(value->second));
  }
  if (options_.labels) cells.push_back(labels_text(labels));
  return cells;
}

std::string ServerTable::print(const std::vector<EndpointItem>& items) {
  const bool headed = options_.headings && !begun_;
  begun_ = true;
  std::vector<TextTable::Row> rows;
  if (headed) rows.push_back(headings_);
  for (const EndpointItem& item : items)
    rows.push_back(cells_of(item));
  return table_.print(rows);
}

}  // namespace tlswarden::cli

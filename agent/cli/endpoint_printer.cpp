#include "cli/endpoint_printer.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "cli/custom_columns.hpp"
#include "cli/json_path_template.hpp"
#include "cli/server_table.hpp"
#include "resource/codec.hpp"

namespace tlswarden::cli {
namespace {

using Json = nlohmann::ordered_json;
using Items = std::vector<EndpointItem>;

class TablePrinter final : public EndpointPrinter {
 public:
  explicit TablePrinter(const PrinterOptions& options)
      : table_({options.output == "wide", options.headings, options.namespaces, options.label_columns,
                options.labels}) {}

  bool wants_table() const override { return true; }
  void learn(const Json& columns) override { table_.learn(columns); }
  base::Result<std::string> print(Items items, bool) override {
    return items.empty() ? std::string() : table_.print(items);
  }
  bool prints_nothing() const override { return false; }

 private:
  ServerTable table_;
};

class NamePrinter final : public EndpointPrinter {
 public:
  // A row brings the name with less than the whole object.
  bool wants_table() const override { return true; }
  void learn(const Json&) override {}
  base::Result<std::string> print(Items items, bool) override {
    std::string text;
    for (const EndpointItem& item : items)
      text += std::string(kResourceKind) + "/" + base::printable(item.name) + "\n";
    return text;
  }
  bool prints_nothing() const override { return true; }
};

/// Members in alphabetical order, as kubectl writes them.
Json sorted(Json value) {
  if (value.is_array()) {
    for (Json& element : value)
      element = sorted(std::move(element));
  }
  if (!value.is_object()) return value;
  std::map<std::string, Json> members;
  for (auto& [key, member] : value.items())
    members.emplace(key, sorted(std::move(member)));
  Json result = Json::object();
  for (auto& [key, member] : members)
    result[key] = std::move(member);
  return result;
}

/// Whole objects, each of which becomes a document.
class DocumentPrinter : public EndpointPrinter {
 public:
  explicit DocumentPrinter(bool managed_fields) : managed_fields_(managed_fields) {}

  bool wants_table() const override { return false; }
  void learn(const Json&) override {}
  bool prints_nothing() const override { return true; }
  base::Result<std::string> print(Items items, bool as_list) override {
    Json list{{"apiVersion", "v1"},
              {"items", Json::array()},
              {"kind", "List"},
              {"metadata", {{"resourceVersion", ""}}}};
    std::string text;
    for (EndpointItem& item : items) {
      if (!managed_fields_ && item.body.contains("metadata") && item.body["metadata"].is_object())
        item.body["metadata"].erase("managedFields");
      Json object = sorted(std::move(item.body));
      if (as_list) {
        list["items"].push_back(std::move(object));
        continue;
      }
      auto one = document(object);
      if (!one) return one;
      text += *one;
    }
    return as_list ? document(list) : text;
  }

 protected:
  virtual base::Result<std::string> document(const Json& value) = 0;

 private:
  const bool managed_fields_;
};

class JsonPrinter final : public DocumentPrinter {
 public:
  using DocumentPrinter::DocumentPrinter;
  base::Result<std::string> document(const Json& value) override {
    constexpr int kIndent = 4;
    return value.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n";
  }
};

class YamlPrinter final : public DocumentPrinter {
 public:
  using DocumentPrinter::DocumentPrinter;
  base::Result<std::string> document(const Json& value) override {
    return (std::exchange(begun_, true) ? "---\n" : "") + resource::to_yaml(value);
  }

 private:
  bool begun_ = false;
};

class PathPrinter final : public DocumentPrinter {
 public:
  // kubectl keeps the managers here, for paths that ask for them.
  explicit PathPrinter(JsonPathTemplate path) : DocumentPrinter(true), path_(std::move(path)) {}
  base::Result<std::string> document(const Json& value) override {
    auto printed = path_.print(value);
    if (!printed) return base::fail("-o jsonpath: " + printed.error().message);
    return std::move(*printed);
  }

 private:
  const JsonPathTemplate path_;
};

class ColumnPrinter final : public EndpointPrinter {
 public:
  ColumnPrinter(CustomColumns columns, bool headings) : columns_(std::move(columns)), headings_(headings) {}

  bool wants_table() const override { return false; }
  void learn(const Json&) override {}
  bool prints_nothing() const override { return true; }
  base::Result<std::string> print(Items items, bool) override {
    std::vector<TextTable::Row> rows;
    if (std::exchange(headings_, false)) rows.push_back(columns_.headings());
    for (const EndpointItem& item : items) {
      auto cells = columns_.cells(item.body);
      if (!cells) return base::fail("-o custom-columns: " + cells.error().message);
      rows.push_back(std::move(*cells));
    }
    return table_.print(rows);
  }

 private:
  const CustomColumns columns_;
  bool headings_;
  TextTable table_;
};

base::Result<std::unique_ptr<EndpointPrinter>> column_printer(const std::string& columns, bool headings) {
  auto parsed = CustomColumns::parse(columns);
  if (!parsed) return base::fail("-o: " + parsed.error().message);
  return std::make_unique<ColumnPrinter>(std::move(*parsed), headings);
}

base::Result<std::unique_ptr<EndpointPrinter>> path_printer(const std::string& path) {
  if (path.empty()) return base::fail("-o jsonpath needs a path: -o jsonpath='{.status.strongestMode}'");
  auto parsed = JsonPathTemplate::parse(path);
  if (!parsed) return base::fail("-o jsonpath: " + parsed.error().message);
  return std::make_unique<PathPrinter>(std::move(*parsed));
}

}  // namespace

base::Result<std::unique_ptr<EndpointPrinter>> make_printer(const PrinterOptions& options) {
  const std::string& output = options.output;
  if (output.empty() || output == "wide") return std::make_unique<TablePrinter>(options);
  if (options.labels) return base::fail("--show-labels is for tables; leave it out, or -o");
  if (output == "name") return std::make_unique<NamePrinter>();
  if (output == "json") return std::make_unique<JsonPrinter>(options.managed_fields);
  if (output == "yaml") return std::make_unique<YamlPrinter>(options.managed_fields);
  const std::size_t equals = std::min(output.find('='), output.size());
  const std::string form = output.substr(0, equals);
  const std::string argument = output.substr(std::min(output.size(), equals + 1));
  if (form == "jsonpath") return path_printer(argument);
  if (form == "custom-columns") return column_printer(argument, options.headings);
  const std::vector<std::string> known{"wide", "yaml",          "json",
                                       "name", "jsonpath=PATH", "custom-columns=HEADING:PATH"};
  const auto near = base::nearest(form, known);
  return base::fail("-o: '" + base::printable(output, 60) + "' is none of " + base::join(known, ", ") +
                    (near ? "; did you mean " + *near + "?" : ""));
}

}  // namespace tlswarden::cli

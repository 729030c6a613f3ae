#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/json_path.hpp"
#include "cli/text_table.hpp"

namespace tlswarden::cli {

/// What stands behind `-o custom-columns=`: HEADING:PATH,… with paths as in `.spec.host`.
class CustomColumns {
 public:
  /// Error: a sentence.
  static base::Result<CustomColumns> parse(std::string_view text);

  const TextTable::Row& headings() const { return headings_; }
  /// As kubectl writes them: several values with commas between, `<none>` for none, objects and lists in Go's
  /// way. Error: see JsonPath::find.
  base::Result<TextTable::Row, JsonPathError> cells(const nlohmann::ordered_json& object) const;

 private:
  TextTable::Row headings_;
  std::vector<JsonPath> paths_;
};

}  // namespace tlswarden::cli

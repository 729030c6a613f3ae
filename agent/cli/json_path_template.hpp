#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/json_path.hpp"

namespace tlswarden::cli {

/// What stands behind `-o jsonpath=`: text, {paths}, {"literals"}, {range …}…{end}. A path without braces is
/// taken for one in braces where it begins with a dot.
class JsonPathTemplate {
 public:
  static base::Result<JsonPathTemplate> parse(std::string_view text);
  /// Error: see JsonPath::find.
  base::Result<std::string, JsonPathError> print(const nlohmann::ordered_json& document) const;

 private:
  struct Part;
  friend class JsonPathTemplateParser;
  std::vector<std::shared_ptr<const Part>> parts_;
  using Parts = std::vector<std::shared_ptr<const Part>>;
  static base::Result<void, JsonPathError> print(const Parts& parts, const nlohmann::ordered_json& document,
                                                 std::string& out);
};

}  // namespace tlswarden::cli

#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cli/json_path.hpp"

namespace tlswarden::cli {

/// What stands behind `-o jsonpath=`: text, {paths}, {"literals"}, {range …}…{end}.
class JsonPathTemplate {
 public:
  static base::Result<JsonPathTemplate> parse(std::string_view text);
  std::string print(const nlohmann::ordered_json& document) const;

 private:
  struct Part;
  friend class JsonPathTemplateParser;
  std::vector<std::shared_ptr<const Part>> parts_;
  static void print(const std::vector<std::shared_ptr<const Part>>& parts,
                    const nlohmann::ordered_json& document, std::string& out);
};

}  // namespace tlswarden::cli

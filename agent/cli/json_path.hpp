#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tlswarden::cli {

/// kubectl's JSONPath, as far as people use it on an endpoint: members with '.' or ['…'] ('\.' for a dot in a
/// name), [n] and [-n], [*] and .*, [?(@.type=="Ready")] with == and !=. What is not there is nothing, not an
/// error.
class JsonPath {
 public:
  /// The path alone: `.a.b`, without braces. Error: a sentence.
  static base::Result<JsonPath> parse(std::string_view text);
  std::vector<const nlohmann::ordered_json*> find(const nlohmann::ordered_json& root) const;

 private:
  struct Step;
  friend class JsonPathParser;
  std::vector<std::shared_ptr<const Step>> steps_;
};

/// A value as kubectl prints it: text as it is, the rest as JSON.
std::string json_path_text(const nlohmann::ordered_json& value);

}  // namespace tlswarden::cli

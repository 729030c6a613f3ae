#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace tlswarden::cli {

/// Why a path that is understood leads nowhere.
struct JsonPathError {
  std::string message;  ///< one sentence
  /// The list does not have so many elements: it may get them.
  bool may_pass = false;
};

/// kubectl's JSONPath: members with '.' or ['…'] ('\.' for a dot in a name), [n], [-n], [a:b:step], [*], .*,
/// '..' for any depth, several with [0,2] or ['a','b'], [?(@.type=="Ready")] with == != < <= > >= or nothing
/// but a path, which asks whether it is there. A member that is not there is nothing, not an error.
class JsonPath {
 public:
  using Found = std::vector<const nlohmann::ordered_json*>;

  /// The path alone: `.a.b`, without braces. Error: a sentence, also for what of JSONPath is not supported.
  static base::Result<JsonPath> parse(std::string_view text);
  /// What it leads to, inside of `root`. Error: an element behind the end of its list, a list's step on what
  /// is none, or a comparison of what cannot be compared; kubectl fails there, too.
  base::Result<Found, JsonPathError> find(const nlohmann::ordered_json& root) const;

 private:
  struct Step;
  friend class JsonPathParser;
  friend class JsonPathEvaluation;
  std::vector<std::shared_ptr<const Step>> steps_;
};

/// A value as kubectl prints it: text as it is, the rest as JSON.
std::string json_path_text(const nlohmann::ordered_json& value);

}  // namespace tlswarden::cli

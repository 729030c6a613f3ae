#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "cli/json_path.hpp"

namespace tlswarden::cli {

/// What `wait --for` waits for.
struct WaitCondition {
  enum class Kind { kCondition, kJsonPath, kCreate, kDelete };
  Kind kind = Kind::kCondition;
  std::string type = {};                  ///< of a condition, in any case
  std::optional<JsonPath> path = {};      ///< of kJsonPath
  std::optional<std::string> value = {};  ///< of a condition or what a path leads to; none: that it is there
};

/// kubectl's forms: delete, create, condition=NAME[=VALUE], jsonpath='{.a.b}'[=VALUE]. Error: a sentence.
base::Result<WaitCondition> parse_wait_condition(std::string_view text);

/// Whether `object` is as waited for, as kubectl judges it: what was said of an older generation of a
/// condition does not count. Only for conditions and paths. Error: the path leads to what cannot be compared.
base::Result<bool> is_met(const WaitCondition& condition, const nlohmann::ordered_json& object);

/// A time-out as kubectl takes it (Go's durations): `30s`, `1h30m`, `1.5m`, `500ms`, `-1s`, `0`. Error: a
/// sentence.
base::Result<std::chrono::nanoseconds> parse_go_duration(std::string_view text);

}  // namespace tlswarden::cli

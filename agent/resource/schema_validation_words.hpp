#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "resource/schema_validation.hpp"

namespace tlswarden::resource {

/// What `value` breaks of the constraints that `schema` itself states (not those of its parts), in words.
std::vector<Violation> describe_violations(const nlohmann::ordered_json& schema,
                                           const nlohmann::ordered_json& value, const FieldPath& path);

/// What a field accepts, for the second half of a message: "accepted: first, all".
std::string accepted(const nlohmann::ordered_json& schema);

/// "a, b or c".
std::string listed(const std::vector<std::string>& words);

}  // namespace tlswarden::resource

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.hpp"

namespace tlswarden::resource {

/// What a YAML scalar means under the core schema of YAML 1.2 (section 10.3.2): `tag` as yaml-cpp reports it
/// ("?" for plain text, "!" for quoted text). Quoted text is always a string; `yes`, `on` and `02:00` are
/// strings too. Tags other than those of the core schema are an Error.
base::Result<nlohmann::ordered_json> resolve_scalar(const std::string& tag, const std::string& text);

}  // namespace tlswarden::resource

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "resource/manifest_report.hpp"

namespace tlswarden::resource {

/// Reports every field of `value` that `schema` does not know, with the name that was probably meant.
void report_unknown_fields(const nlohmann::ordered_json& schema, const nlohmann::ordered_json& value,
                           const FieldPath& path, Report& report);

/// The one place below `spec` where a field of this name belongs, if there is exactly one: people write
/// spec.mode for spec.tls.mode.
std::optional<FieldPath> only_place_of(std::string_view name);

/// The message for one unknown field: the nearest of `known`, or all of them.
std::string unknown_field_message(std::string_view given, std::span<const std::string> known);

}  // namespace tlswarden::resource

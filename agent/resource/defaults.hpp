#pragma once

#include <nlohmann/json_fwd.hpp>

namespace tlswarden::resource {

/// Gives every absent field its default, as a Kubernetes API server does: the schema's defaults for absent
/// fields of mappings that are present (a mapping may itself have a default), and no more.
void apply_schema_defaults(const nlohmann::ordered_json& schema, nlohmann::ordered_json& value);

/// The defaults of a whole valid spec: those of the schema, and those that follow from the engine (port,
/// tls.mode). Applying them twice changes nothing.
void apply_spec_defaults(nlohmann::ordered_json& spec);

}  // namespace tlswarden::resource

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.hpp"
#include "resource/endpoint.hpp"

/// Between the plain types and their documents. Field order is that of the API reference.
namespace tlswarden::resource {

/// `document` must have passed validation and defaulting; anything else is a programming error answered by an
/// Error. Its status is not read: that belongs to the store, which has status_from_json.
base::Result<DatabaseEndpoint> endpoint_from_json(const nlohmann::ordered_json& document);
/// The full resource, status included; spec as it was declared with defaults applied.
nlohmann::ordered_json to_json(const DatabaseEndpoint& endpoint);
nlohmann::ordered_json spec_to_json(const EndpointSpec& spec);
nlohmann::ordered_json status_to_json(const EndpointStatus& status);
/// Reads what status_to_json wrote (the embedded store); unknown fields are ignored, broken ones are an
/// Error.
base::Result<EndpointStatus> status_from_json(const nlohmann::ordered_json& document);
/// Block style YAML of any JSON document; strings that would be read as something else are quoted.
std::string to_yaml(const nlohmann::ordered_json& document);

}  // namespace tlswarden::resource

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "resource/endpoint.hpp"
#include "resource/manifest.hpp"

namespace tlswarden::resource {

/// A DatabaseEndpoint as an API server gave it.
struct ApiObject {
  Metadata metadata;                         ///< as far as it can be read
  std::optional<DatabaseEndpoint> endpoint;  ///< nothing when it cannot be used
  std::vector<Diagnostic> problems;          ///< why it cannot; no lines
};

/// The annotation in which kubectl keeps the whole manifest that it applied: dropped, for nobody here needs
/// the spec a second time.
inline constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/// What the server owns of `document`, and what the user labelled it with. Never fails: what is missing or
/// odd keeps its default.
Metadata metadata_of_object(const nlohmann::ordered_json& document);

/// Reads `document` by the rules of parse_manifest(), defaults applied, with the server's uid and generation.
/// What the server admitted by another version of the CRD may break them. The status is not read.
ApiObject read_api_object(const nlohmann::ordered_json& document);

}  // namespace tlswarden::resource

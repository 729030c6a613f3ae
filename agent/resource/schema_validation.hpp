#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "resource/manifest_path.hpp"

/// The embedded CustomResourceDefinition as the judge of documents: what a cluster would refuse is refused
/// here too.
namespace tlswarden::resource {

/// openAPIV3Schema of v1alpha1. Lives as long as the program; safe from any thread.
const nlohmann::ordered_json& endpoint_schema();

/// The schema of the field at `path` ("spec.tls.mode"; items of a list have their list's path), null if there
/// is none.
const nlohmann::ordered_json* field_schema(const FieldPath& path);

/// How many items of `list` are worth a look: those that `schema` allows. A longer list is refused for its
/// length.
std::size_t items_to_check(const nlohmann::ordered_json& schema, const nlohmann::ordered_json& list);

struct Violation {
  FieldPath path;
  std::string message;  ///< what is wrong; what is accepted. Shows no value that could be a secret.
};

/// Every violation of the schema by `spec`, the value of the field of that name; paths start with `spec`.
/// Unknown fields are no violation here: structural schemas know no additionalProperties: false.
std::vector<Violation> schema_violations(const nlohmann::ordered_json& spec);

}  // namespace tlswarden::resource

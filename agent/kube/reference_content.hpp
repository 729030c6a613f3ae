#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "kube/referenced_objects.hpp"

namespace tlswarden::kube {

/// What is known of a Secret or ConfigMap. At most one is set; with none it does not exist.
struct ReferenceContent {
  resource::SecretDataPtr secret;
  resource::ConfigMapDataPtr config_map;
  std::string problem = {};  ///< why it cannot be read: one sentence with what to do, without a full stop
};

/// Whether both hold the same, wherever it lies in memory.
bool same_content(const ReferenceContent& a, const ReferenceContent& b);

/// The most that the values of one object may hold together; a server takes 1 MiB by default.
inline constexpr std::size_t kMostReferenceBytes = std::size_t{4} << 20U;

/// What is in `document`, an object of that kind as a server sent it, with its values decoded. Its texts are
/// wiped. One that is broken or too large is content with a problem.
ReferenceContent read_reference(const ReferencedObject& object, nlohmann::ordered_json document);

/// What is known of an object that RBAC keeps from the agent.
ReferenceContent forbidden_reference(const ReferencedObject& object);
/// What is known of an object that the server cannot give; `why` is our sentence.
ReferenceContent ungiven_reference(const ReferencedObject& object, const std::string& why);

/// The collection that it is in.
std::string collection_path(const ReferencedObject& object);
/// Whether there can be an object of this name in a namespace of this name (RFC 1123): none other may be
/// asked for, for a path or selector made of it could mean more than one object.
bool can_exist(const ReferencedObject& object);

}  // namespace tlswarden::kube

#pragma once

#include <compare>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"

namespace tlswarden::kube {

/// Which object is meant. A name may belong to one object after another; a uid never does.
struct ObjectId {
  std::string ns, name, uid;
  auto operator<=>(const ObjectId&) const = default;
};

/// One object of the API, as a list or a watch gave it; without metadata.managedFields, which is half of it
/// and nothing to this agent.
struct Object {
  ObjectId id;
  std::string resource_version;  ///< opaque: good for equality alone
  nlohmann::ordered_json document;
};

/// Error: there is no name, uid or resource version in it.
base::Result<Object> make_object(nlohmann::ordered_json document);

}  // namespace tlswarden::kube

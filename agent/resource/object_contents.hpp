#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/secret.hpp"

namespace tlswarden::resource {

/// The data of one Secret or ConfigMap by key, decoded. Immutable once shared, so that many may hold it.
using SecretData = std::map<std::string, base::Secret>;
using SecretDataPtr = std::shared_ptr<const SecretData>;
using ConfigMapData = std::map<std::string, std::string>;
using ConfigMapDataPtr = std::shared_ptr<const ConfigMapData>;

/// The Secrets and ConfigMaps that references may point at, at one moment. What is in neither map of its kind
/// does not exist.
struct ObjectContents {
  using Name = std::pair<std::string, std::string>;  ///< namespace, name
  std::map<Name, SecretDataPtr> secrets;
  std::map<Name, ConfigMapDataPtr> config_maps;
  /// Those that may exist but could not be read: one sentence with what to do, without a full stop.
  std::map<Name, std::string> unreadable_secrets, unreadable_config_maps;
};

}  // namespace tlswarden::resource

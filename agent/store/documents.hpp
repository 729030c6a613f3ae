#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/secret.hpp"
#include "resource/manifest.hpp"

namespace tlswarden::store {

/// What references of one set of manifests may point at. Immutable once shared.
struct Documents {
  using Name = std::pair<std::string, std::string>;  ///< namespace, name
  std::map<Name, std::map<std::string, base::Secret>> secrets;
  std::map<Name, std::map<std::string, std::string>> config_maps;
  /// Where a relative `file` reference of an endpoint (by key) starts: the directory of its manifest. The
  /// working directory for those that are not listed (standard input, a URL).
  std::map<std::string, std::filesystem::path> directories;
};
using DocumentsPtr = std::shared_ptr<const Documents>;

/// Takes Secrets and ConfigMaps out of `manifest` and remembers where its endpoints were declared.
DocumentsPtr take_documents(resource::Manifest& manifest);

/// Whether every Secret and ConfigMap that `endpoint` refers to is the same in both, absent ones included.
bool same_for(const resource::DatabaseEndpoint& endpoint, const Documents& before, const Documents& now);

}  // namespace tlswarden::store

#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "resource/manifest.hpp"
#include "resource/object_contents.hpp"

namespace tlswarden::store {

/// What references beside those to Secrets and ConfigMaps may reach. On a machine whoever writes a manifest
/// starts the agent as well: any file and any variable that it may read. In a cluster whoever may write an
/// endpoint must not get at what is the agent's own: no variable, and files of one directory only.
struct ReferencePolicy {
  bool in_cluster = false;
  /// In a cluster: below which files must lie, symbolic links resolved, and where relative names start.
  /// Empty: no file may be referred to.
  std::filesystem::path files = {};
};

/// What references of one set of endpoints may point at. Immutable once shared.
struct Documents {
  using Name = resource::ObjectContents::Name;
  using ObjectsPtr = std::shared_ptr<const resource::ObjectContents>;

  ObjectsPtr objects = std::make_shared<const resource::ObjectContents>();  ///< never null
  /// Where a relative `file` reference of an endpoint (by key) starts: the directory of its manifest. The
  /// working directory for those that are not listed (standard input, a URL). Not looked at in a cluster.
  std::map<std::string, std::filesystem::path> directories = {};
  ReferencePolicy policy = {};

  /// Where the relative files of this endpoint start.
  std::filesystem::path directory_of(const std::string& endpoint_key) const;
};
using DocumentsPtr = std::shared_ptr<const Documents>;

/// Takes Secrets and ConfigMaps out of `manifest` and remembers where its endpoints were declared.
DocumentsPtr take_documents(resource::Manifest& manifest);

/// What there is in a cluster. Nothing is copied; a null `objects` stands for none.
DocumentsPtr documents_of(Documents::ObjectsPtr objects, ReferencePolicy policy);

/// Whether every Secret and ConfigMap that `endpoint` refers to is the same in both, absent and unreadable
/// ones included.
bool same_for(const resource::DatabaseEndpoint& endpoint, const Documents& before, const Documents& now);

}  // namespace tlswarden::store

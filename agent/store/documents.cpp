#include "store/documents.hpp"

namespace tlswarden::store {

DocumentsPtr take_documents(resource::Manifest& manifest) {
  auto documents = std::make_shared<Documents>();
  for (resource::SecretDocument& secret : manifest.secrets) {
    documents->secrets[{secret.ns, secret.name}] = std::move(secret.data);
  }
  for (resource::ConfigMapDocument& map : manifest.config_maps) {
    documents->config_maps[{map.ns, map.name}] = std::move(map.data);
  }
  manifest.secrets.clear();
  manifest.config_maps.clear();
  for (const resource::Manifest::Located& located : manifest.endpoints) {
    if (located.file.empty() || located.file == "-") continue;
    documents->directories[located.endpoint.key()] = std::filesystem::path(located.file).parent_path();
  }
  return documents;
}

}  // namespace tlswarden::store

#include "store/documents.hpp"

#include <algorithm>

#include "resource/manifest_references.hpp"

namespace tlswarden::store {
namespace {

std::string_view text_of(const std::string& value) {
  return value;
}
std::string_view text_of(const base::Secret& value) {
  return value.reveal();
}

template <class Map>
bool same_document(const Map& before, const Map& now, const Documents::Name& name) {
  const auto old_one = before.find(name);
  const auto new_one = now.find(name);
  if (old_one == before.end() || new_one == now.end()) return old_one == before.end() && new_one == now.end();
  return std::equal(old_one->second.begin(), old_one->second.end(), new_one->second.begin(),
                    new_one->second.end(), [](const auto& a, const auto& b) {
                      return a.first == b.first && text_of(a.second) == text_of(b.second);
                    });
}

}  // namespace

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

bool same_for(const resource::DatabaseEndpoint& endpoint, const Documents& before, const Documents& now) {
  bool same = true;
  resource::for_each_reference(endpoint.spec, [&](const std::string&, const resource::Reference& reference) {
    const Documents::Name name{endpoint.metadata.ns, reference.name};
    if (reference.kind == resource::Reference::Kind::kSecretKey) {
      same = same && same_document(before.secrets, now.secrets, name);
    } else if (reference.kind == resource::Reference::Kind::kConfigMapKey) {
      same = same && same_document(before.config_maps, now.config_maps, name);
    }
  });
  return same;
}

}  // namespace tlswarden::store

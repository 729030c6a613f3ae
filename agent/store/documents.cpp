#include "store/documents.hpp"

#include <algorithm>
#include <utility>

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
  const auto& old_data = *old_one->second;
  const auto& new_data = *new_one->second;
  if (&old_data == &new_data) return true;
  return std::equal(old_data.begin(), old_data.end(), new_data.begin(), new_data.end(),
                    [](const auto& a, const auto& b) {
                      return a.first == b.first && text_of(a.second) == text_of(b.second);
                    });
}

using Problems = std::map<Documents::Name, std::string>;

bool same_problem(const Problems& before, const Problems& now, const Documents::Name& name) {
  const auto old_one = before.find(name);
  const auto new_one = now.find(name);
  if (old_one == before.end() || new_one == now.end()) return old_one == before.end() && new_one == now.end();
  return old_one->second == new_one->second;
}

}  // namespace

std::filesystem::path Documents::directory_of(const std::string& endpoint_key) const {
  if (policy.in_cluster) return policy.files;
  const auto found = directories.find(endpoint_key);
  return found == directories.end() ? std::filesystem::path() : found->second;
}

DocumentsPtr take_documents(resource::Manifest& manifest) {
  auto documents = std::make_shared<Documents>();
  auto objects = std::make_shared<resource::ObjectContents>();
  for (resource::SecretDocument& secret : manifest.secrets) {
    objects->secrets[{secret.ns, secret.name}] =
        std::make_shared<const resource::SecretData>(std::move(secret.data));
  }
  for (resource::ConfigMapDocument& map : manifest.config_maps) {
    objects->config_maps[{map.ns, map.name}] =
        std::make_shared<const resource::ConfigMapData>(std::move(map.data));
  }
  documents->objects = std::move(objects);
  manifest.secrets.clear();
  manifest.config_maps.clear();
  for (const resource::Manifest::Located& located : manifest.endpoints) {
    if (located.file.empty() || located.file == "-") continue;
    documents->directories[located.endpoint.key()] = std::filesystem::path(located.file).parent_path();
  }
  return documents;
}

DocumentsPtr documents_of(Documents::ObjectsPtr objects, ReferencePolicy policy) {
  auto documents = std::make_shared<Documents>();
  if (objects) documents->objects = std::move(objects);
  documents->policy = std::move(policy);
  return documents;
}

bool same_for(const resource::DatabaseEndpoint& endpoint, const Documents& before, const Documents& now) {
  bool same = true;
  resource::for_each_reference(endpoint.spec, [&](const std::string&, const resource::Reference& reference) {
    const Documents::Name name{endpoint.metadata.ns, reference.name};
    if (reference.kind == resource::Reference::Kind::kSecretKey) {
      same = same && same_document(before.objects->secrets, now.objects->secrets, name) &&
             same_problem(before.objects->unreadable_secrets, now.objects->unreadable_secrets, name);
    } else if (reference.kind == resource::Reference::Kind::kConfigMapKey) {
      same = same && same_document(before.objects->config_maps, now.objects->config_maps, name) &&
             same_problem(before.objects->unreadable_config_maps, now.objects->unreadable_config_maps, name);
    }
  });
  return same;
}

}  // namespace tlswarden::store

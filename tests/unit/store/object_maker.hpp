#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/documents.hpp"

namespace tlswarden::store {

inline resource::Reference secret_key(const std::string& name, const std::string& key) {
  return {resource::Reference::Kind::kSecretKey, name, key, {}, nullptr};
}
inline resource::Reference config_map_key(const std::string& name, const std::string& key) {
  return {resource::Reference::Kind::kConfigMapKey, name, key, {}, nullptr};
}

/// Puts Secrets and ConfigMaps together for Documents::objects.
class ObjectMaker {
 public:
  using Entries = std::vector<std::pair<std::string, std::string>>;

  ObjectMaker& secret(const std::string& ns, const std::string& name, const Entries& entries) {
    resource::SecretData data;
    for (const auto& [key, value] : entries)
      data.emplace(key, base::Secret(std::string_view(value)));
    contents_.secrets[{ns, name}] = std::make_shared<const resource::SecretData>(std::move(data));
    return *this;
  }
  ObjectMaker& config_map(const std::string& ns, const std::string& name, const Entries& entries) {
    contents_.config_maps[{ns, name}] =
        std::make_shared<const resource::ConfigMapData>(entries.begin(), entries.end());
    return *this;
  }
  ObjectMaker& unreadable_secret(const std::string& ns, const std::string& name, std::string problem) {
    contents_.unreadable_secrets[{ns, name}] = std::move(problem);
    return *this;
  }
  ObjectMaker& unreadable_config_map(const std::string& ns, const std::string& name, std::string problem) {
    contents_.unreadable_config_maps[{ns, name}] = std::move(problem);
    return *this;
  }
  Documents::ObjectsPtr done() const { return std::make_shared<const resource::ObjectContents>(contents_); }

 private:
  resource::ObjectContents contents_;
};

}  // namespace tlswarden::store

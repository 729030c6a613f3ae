#include "store/manifest_collection.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "store/manifest_files.hpp"

namespace tlswarden::store {
namespace {

namespace fs = std::filesystem;
using resource::Manifest;

bool below(const fs::path& path, const fs::path& root) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end();
}

/// Secrets are copied only explicitly.
resource::SecretDocument copy_of(const resource::SecretDocument& secret) {
  resource::SecretDocument copy;
  copy.ns = secret.ns;
  copy.name = secret.name;
  copy.file = secret.file;
  copy.line = secret.line;
  for (const auto& [key, value] : secret.data)
    copy.data.emplace(key, value.copy());
  return copy;
}

}  // namespace

bool ManifestCollection::read() {
  bool changed = false;
  directories_.clear();
  for (const fs::path& root : roots_) {
    auto tree = find_manifests(root);
    if (!tree) {
      complain(root.string(), tree.error().message + "; what it last held stays in force");
      directories_.push_back(root);
      continue;
    }
    settle(root.string());
    directories_.insert(directories_.end(), tree->directories.begin(), tree->directories.end());
    changed = drop_missing(tree->files, root) || changed;
    for (const fs::path& file : tree->files)
      changed = read_file(file) || changed;
  }
  return changed;
}

bool ManifestCollection::drop_missing(const std::vector<fs::path>& present, const fs::path& root) {
  const auto gone = [&](const auto& entry) {
    return below(entry.first, root) && !std::binary_search(present.begin(), present.end(), entry.first);
  };
  for (const auto& entry : files_) {
    if (gone(entry)) settle(entry.first.string());
  }
  return std::erase_if(files_, gone) != 0;
}

bool ManifestCollection::read_file(const fs::path& path) {
  auto content = read_manifest(path);
  File& file = files_[path];
  if (!content) {
    complain(path.string(),
             content.error().message + (file.content ? "; what it last held stays in force" : ""));
    return false;
  }
  settle(path.string());
  if (file.content && file.content->reveal() == content->reveal()) return false;
  file.content = std::move(*content);
  parse(path.string(), file);
  return true;
}

void ManifestCollection::parse(const std::string& name, File& file) {
  Manifest fresh = resource::parse_manifest(file.content->reveal(), name);
  for (const resource::Diagnostic& diagnostic : fresh.diagnostics) {
    const bool error = diagnostic.severity == resource::Diagnostic::Severity::kError;
    spdlog::log(error ? spdlog::level::err : spdlog::level::warn, "{}", diagnostic.text());
  }
  file.bad = fresh.has_errors();
  if (file.bad && file.ever_good) {
    spdlog::error("{}: its errors leave the resources that it last held in force", name);
    return;
  }
  file.ever_good = !file.bad;
  file.good = std::move(fresh);
}

Manifest ManifestCollection::join() {
  Manifest all;
  std::map<std::string, std::string> owners;
  std::set<std::string> twice;
  const auto first = [&](const std::string& what, const std::string& file) {
    const auto [owner, added] = owners.emplace(what, file);
    if (added) return true;
    twice.insert(what);
    complain(what, file + ": " + what + " is already declared in " + owner->second +
                       "; that one holds, remove one of them");
    return false;
  };
  for (const auto& [path, file] : files_) {
    const std::string name = path.string();
    for (const Manifest::Located& located : file.good.endpoints) {
      if (first("DatabaseEndpoint " + located.endpoint.key(), name)) all.endpoints.push_back(located);
    }
    for (const resource::SecretDocument& secret : file.good.secrets) {
      if (first("Secret " + secret.ns + "/" + secret.name, name)) all.secrets.push_back(copy_of(secret));
    }
    for (const resource::ConfigMapDocument& map : file.good.config_maps) {
      if (first("ConfigMap " + map.ns + "/" + map.name, name)) all.config_maps.push_back(map);
    }
  }
  for (const auto& [what, file] : owners) {
    if (!twice.contains(what)) settle(what);
  }
  return all;
}

bool ManifestCollection::flawless() const {
  return complaints_.empty() &&
         std::none_of(files_.begin(), files_.end(), [](const auto& entry) { return entry.second.bad; });
}

void ManifestCollection::complain(const std::string& about, const std::string& message) {
  std::string& known = complaints_[about];
  if (known == message) return;
  known = message;
  spdlog::error("{}", message);
}

}  // namespace tlswarden::store

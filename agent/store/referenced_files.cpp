#include "store/referenced_files.hpp"

#include <utility>

#include "base/log.hpp"
#include "pki/content_digest.hpp"
#include "resource/manifest_references.hpp"
#include "store/content_reader.hpp"
#include "store/watch_points.hpp"

namespace tlswarden::store {
namespace {

std::optional<std::string> digest_of(const std::filesystem::path& path) {
  const auto content = base::read_file(path, kMaxContent);
  return content ? std::optional(pki::content_digest(content->bytes())) : std::nullopt;
}

/// A key's file is judged by its permissions, too.
bool same_protection(const std::optional<base::FileStamp>& a, const std::optional<base::FileStamp>& b) {
  return a && b && a->mode == b->mode && a->owner == b->owner;
}

}  // namespace

void ReferencedFiles::set(const reconcile::EndpointSet& endpoints, const Documents& documents) {
  std::map<std::filesystem::path, File> now;
  for (const auto& [key, endpoint] : endpoints.endpoints) {
    if (endpoint->spec.suspend) continue;
    const std::filesystem::path directory = documents.directory_of(key);
    resource::for_each_reference(endpoint->spec,
                                 [&, &name = key](const std::string&, const resource::Reference& reference) {
                                   if (reference.kind != resource::Reference::Kind::kFile) return;
                                   now[file_of(reference, directory)].endpoints.insert(name);
                                 });
  }
  for (auto& [path, file] : now) {
    const auto known = files_.find(path);
    if (known == files_.end()) {
      file.stamp = base::stamp_of(path);
    } else {
      file.stamp = known->second.stamp;
      file.digest = std::move(known->second.digest);
    }
  }
  files_ = std::move(now);
}

void ReferencedFiles::add_interests(DirectoryWatch::Interests& interests, std::size_t most) {
  bool beyond = false;
  for (const auto& [path, file] : files_) {
    for (const auto& [directory, name] : watch_points(path)) {
      const auto known = interests.find(directory);
      if (known != interests.end()) {
        // Without names all of them are of interest already.
        if (!known->second.empty()) known->second.insert(name);
      } else if (interests.size() < most) {
        interests[directory] = {name};
      } else {
        beyond = true;
      }
    }
  }
  if (beyond && !beyond_) {
    spdlog::warn(
        "the files that endpoints refer to lie in more than {} directories; changes in those beyond are "
        "noticed "
        "within a minute rather than at once",
        most);
  }
  beyond_ = beyond;
}

std::set<std::string> ReferencedFiles::take_changed() {
  std::set<std::string> changed;
  for (auto& [path, file] : files_) {
    auto stamp = base::stamp_of(path);
    if (stamp == file.stamp) continue;
    auto digest = digest_of(path);
    const bool touched = digest && digest == file.digest && same_protection(stamp, file.stamp);
    file.stamp = stamp;
    file.digest = std::move(digest);
    if (touched) continue;
    changed.insert(file.endpoints.begin(), file.endpoints.end());
  }
  return changed;
}

}  // namespace tlswarden::store

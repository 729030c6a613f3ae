#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tlswarden::store {

/// What a directory of manifests consists of.
struct ManifestTree {
  std::vector<std::filesystem::path> files;        ///< *.yaml, *.yml, *.json; sorted
  std::vector<std::filesystem::path> directories;  ///< the root and those below that were looked into
};

/// Looks through `root` and its subdirectories, at most sixteen levels deep and 100,000 entries in all. Names
/// that begin with a dot are passed over, and symbolic links to directories are not followed: a mounted
/// ConfigMap keeps its versions in such directories and shows its files as links into them, which are
/// followed. An Error when the root itself cannot be read.
base::Result<ManifestTree> find_manifests(const std::filesystem::path& root);

/// The content of one manifest, which may hold Secrets: a regular file of at most 16 MiB.
base::Result<base::Secret> read_manifest(const std::filesystem::path& file);

}  // namespace tlswarden::store

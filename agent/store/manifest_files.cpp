#include "store/manifest_files.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/file_reader.hpp"

namespace tlswarden::store {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepest = 16;
constexpr std::size_t kMostEntries = 100'000;
constexpr std::size_t kLargestManifest = std::size_t{16} << 20U;

bool hidden(const fs::path& path) {
  return path.filename().native().starts_with('.');
}

bool is_manifest(const fs::path& path) {
  const fs::path kind = path.extension();
  return kind == ".yaml" || kind == ".yml" || kind == ".json";
}

void look_at(const fs::directory_entry& entry, int depth, ManifestTree& tree,
             std::vector<std::pair<fs::path, int>>& next) {
  std::error_code error;
  if (hidden(entry.path())) return;
  if (entry.symlink_status(error).type() == fs::file_type::directory) {
    if (depth < kDeepest) next.emplace_back(entry.path(), depth + 1);
  } else if (is_manifest(entry.path()) && !entry.is_directory(error)) {
    tree.files.push_back(entry.path());
  }
}

}  // namespace

base::Result<ManifestTree> find_manifests(const fs::path& root) {
  ManifestTree tree;
  std::vector<std::pair<fs::path, int>> next{{root, 0}};
  std::size_t entries = 0;
  while (!next.empty()) {
    const auto [directory, depth] = std::move(next.back());
    next.pop_back();
    std::error_code error;
    fs::directory_iterator entry(directory, error);
    if (error) {
      // One below the root may have gone since it was listed; the root itself is what the user named.
      if (depth > 0) continue;
      return base::fail("directory " + root.string() + " cannot be read (" + error.message() +
                        "); create it or let this program's user read it");
    }
    tree.directories.push_back(directory);
    for (; entry != fs::directory_iterator() && !error; entry.increment(error)) {
      if (++entries > kMostEntries) {
        return base::fail("directory " + root.string() +
                          " has more than 100,000 entries; name one with manifests only");
      }
      look_at(*entry, depth, tree, next);
    }
  }
  std::sort(tree.files.begin(), tree.files.end());
  return tree;
}

base::Result<base::Secret> read_manifest(const fs::path& file) {
  auto content = base::read_file(file, kLargestManifest);
  if (content) return std::move(*content);
  return base::fail(std::move(content.error().message));
}

}  // namespace tlswarden::store

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "resource/manifest.hpp"

namespace tlswarden::store {

/// The manifests of some directories, file by file. A file that turns bad keeps the resources that it last
/// held when it was good; one that was never good gives those of its documents that are. Each complaint is
/// logged once, when it comes up. Not thread-safe.
class ManifestCollection {
 public:
  explicit ManifestCollection(std::vector<std::filesystem::path> roots) : roots_(std::move(roots)) {}

  /// Reads what changed on disk. Returns whether anything did.
  bool read();

  /// Everything that holds now, with resources declared twice only once: the first file, by name, has them.
  resource::Manifest join();
  /// False while a directory or a file cannot be read or has an error, or a resource is declared twice.
  bool flawless() const;
  /// The directories to watch.
  const std::vector<std::filesystem::path>& directories() const { return directories_; }

 private:
  struct File {
    std::optional<base::Secret> content;  ///< nothing while it could never be read
    resource::Manifest good;
    bool ever_good = false;
    bool bad = false;
  };

  bool read_file(const std::filesystem::path& path);
  void parse(const std::string& name, File& file);
  bool drop_missing(const std::vector<std::filesystem::path>& present, const std::filesystem::path& root);
  void complain(const std::string& about, const std::string& message);
  void settle(const std::string& about) { complaints_.erase(about); }

  const std::vector<std::filesystem::path> roots_;
  std::map<std::filesystem::path, File> files_;
  std::vector<std::filesystem::path> directories_;
  std::map<std::string, std::string>
      complaints_;  ///< what was logged, by the file, directory or resource it is about
};

}  // namespace tlswarden::store

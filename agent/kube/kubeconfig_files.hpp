#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace tlswarden::kube {

/// Which files make up the kubeconfig, as kubectl chooses them.
struct KubeconfigPlaces {
  std::string explicit_file;               ///< --kubeconfig: must exist and is the only one
  std::optional<std::string> environment;  ///< KUBECONFIG: a list; files that are missing are skipped
  std::string home;                        ///< HOME: the last resort is .kube/config in it
};

/// The merged content of several kubeconfig files: of two entries of one name the first file's stands, whole.
/// Texts are wiped when this dies, for some of them are secret.
struct KubeconfigEntries {
  struct Entry {
    nlohmann::ordered_json value;
    std::filesystem::path directory;  ///< of the file, where the entry's relative paths start
    std::string file;
  };
  KubeconfigEntries() = default;
  KubeconfigEntries(KubeconfigEntries&&) = default;
  KubeconfigEntries& operator=(KubeconfigEntries&&) = default;
  KubeconfigEntries(const KubeconfigEntries&) = delete;
  KubeconfigEntries& operator=(const KubeconfigEntries&) = delete;
  ~KubeconfigEntries();

  std::map<std::string, Entry> clusters, users, contexts;
  std::string current_context;
  std::string described;  ///< the files that were read, for messages
};

/// Reads and merges them. Error: the explicit file is missing, none exists, one cannot be read or is broken.
base::Result<KubeconfigEntries> read_kubeconfig_files(const KubeconfigPlaces& places);

}  // namespace tlswarden::kube

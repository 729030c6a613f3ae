#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/surroundings.hpp"
#include "resource/manifest.hpp"

/// What `-f` names for a verb against a cluster.
namespace tlswarden::cli {

/// Adds --filename and --recursive to `verb`; the variables must outlive the parsing.
void add_filename_flags(CLI::App& verb, std::vector<std::string>& files, bool& recursive);

struct ClusterManifests {
  std::vector<std::string> files;
  bool recursive = false;
  std::string ns;  ///< of --namespace; empty: not given
  std::string default_namespace;
  resource::ManifestUse::Keep keep = resource::ManifestUse::Keep::kDocuments;
};

/// Every document of the files, in their order. What is wrong with them, or worth a remark, is printed on
/// `err`, with file and line. Error: something is wrong, so that none of them should be acted upon.
base::Result<std::vector<resource::DeclaredDocument>> read_for_cluster(const ClusterManifests& wanted,
                                                                       const Surroundings& surroundings);

}  // namespace tlswarden::cli

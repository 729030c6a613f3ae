#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/cluster_flags.hpp"
#include "cli/surroundings.hpp"

namespace tlswarden::cli {

struct ApplyOptions {
  ClusterFlags cluster;
  std::vector<std::string> files;
  bool recursive = false;
  std::string ns;
  std::string dry_run = "none";
  bool force_conflicts = false;
  bool server_side = true;  ///< accepted, and always so
  bool prune = false;       ///< known, to be refused with a reason
  std::string output;
};

CLI::App* add_apply_verb(CLI::App& app, ApplyOptions& options);

/// Applies what the files declare to a cluster by server-side apply, Secrets and ConfigMaps first, and tells
/// what became of each object in kubectl's words. Unlike kubectl it sends nothing as long as any document has
/// an error. An object that is refused does not keep back the others. Returns 0, or 1 when anything failed.
int run_apply(const ApplyOptions& options, const Surroundings& surroundings);

}  // namespace tlswarden::cli

#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/cluster_flags.hpp"
#include "cli/resource_arguments.hpp"
#include "cli/surroundings.hpp"

namespace tlswarden::cli {

struct DeleteOptions {
  ClusterFlags cluster;
  ResourceArguments resources;
  std::vector<std::string> files;
  bool recursive = false;
  bool all = false;
  bool ignore_not_found = false;
  bool wait = true;
  std::string timeout = "0s";  ///< 0s: no end
  std::string dry_run = "none";
  std::string output;
};

CLI::App* add_delete_verb(CLI::App& app, DeleteOptions& options);

/// Deletes DatabaseEndpoints by name, label or all of a namespace, or whatever the files declare, Secrets and
/// ConfigMaps too, and waits until they are gone. Of a file only kind, name and namespace are looked at: what
/// was valid once can be deleted. Returns 0, or 1 when anything was not there or failed.
int run_delete(const DeleteOptions& options, const Surroundings& surroundings);

}  // namespace tlswarden::cli

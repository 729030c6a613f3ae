#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/cluster_flags.hpp"
#include "cli/resource_arguments.hpp"
#include "cli/surroundings.hpp"

namespace tlswarden::cli {

/// The options of `tlswarden get`, as given.
struct GetOptions {
  ClusterFlags cluster;
  ResourceArguments resources;
  std::string output;  ///< empty: a table
  bool no_headers = false, show_labels = false, show_managed_fields = false;
  bool watch = false, ignore_not_found = false;
  std::string sort_by;
  std::vector<std::string> label_columns;
};

/// Adds the verb to `app` and fills `options`, which must outlive the parsing.
CLI::App* add_get_verb(CLI::App& app, GetOptions& options);

/// Prints what the cluster says of its DatabaseEndpoints, as kubectl get does; with `watch` until
/// interrupted. Returns the exit code: kubectl's.
int run_get(const GetOptions& options, const Surroundings& surroundings);

}  // namespace tlswarden::cli

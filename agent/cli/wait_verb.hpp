#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/cluster_flags.hpp"
#include "cli/resource_arguments.hpp"
#include "cli/surroundings.hpp"

namespace tlswarden::cli {

/// The options of `tlswarden wait`, as given.
struct WaitOptions {
  ClusterFlags cluster;
  ResourceArguments resources;
  bool all = false;
  std::string condition;  ///< --for
  std::string timeout = "30s";
};

/// Adds the verb to `app` and fills `options`, which must outlive the parsing.
CLI::App* add_wait_verb(CLI::App& app, WaitOptions& options);

/// Waits until every endpoint meant is as asked for, as kubectl wait does. Returns the exit code: kubectl's.
int run_wait(const WaitOptions& options, const Surroundings& surroundings);

}  // namespace tlswarden::cli

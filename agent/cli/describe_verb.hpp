#pragma once

#include <CLI/CLI.hpp>

#include "cli/cluster_flags.hpp"
#include "cli/resource_arguments.hpp"
#include "cli/surroundings.hpp"

namespace tlswarden::cli {

/// The options of `tlswarden describe`, as given.
struct DescribeOptions {
  ClusterFlags cluster;
  ResourceArguments resources;
};

/// Adds the verb to `app` and fills `options`, which must outlive the parsing.
CLI::App* add_describe_verb(CLI::App& app, DescribeOptions& options);

/// Tells all of the endpoints meant: what is declared, what was found, what to do, and their events. As with
/// kubectl a name that nothing has stands for those that begin with it. Returns the exit code: kubectl's.
int run_describe(const DescribeOptions& options, const Surroundings& surroundings);

}  // namespace tlswarden::cli

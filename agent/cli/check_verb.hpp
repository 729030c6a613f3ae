#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/surroundings.hpp"

namespace tlswarden::cli {

/// The options of `tlswarden check`, as given.
struct CheckOptions {
  std::vector<std::string> files;    ///< -f, as load_manifests takes them
  std::vector<std::string> targets;  ///< ENGINE://HOST[:PORT], as manifest_from_url takes them
  std::string output = "table";
  std::string colour = "auto";
  std::string at;       ///< empty: now
  std::string timeout;  ///< empty: the spec's
  bool calendar = false;
  std::string summary;  ///< what to group the endpoints by; empty: report each
  bool debug = false;
};

/// Adds the verb to `app` and fills `options`, which must outlive the parsing.
CLI::App* add_check_verb(CLI::App& app, CheckOptions& options);

/// Checks once, now. Results go to `out`, diagnostics, progress and transcripts to `err`. Returns the exit
/// code: that of the worst endpoint, where manifests that cannot be understood count as UNKNOWN.
int run_check(const CheckOptions& options, const Surroundings& surroundings);

}  // namespace tlswarden::cli

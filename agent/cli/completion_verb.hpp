#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/surroundings.hpp"

namespace tlswarden::cli {

struct CompletionOptions {
  std::string shell;
};

CLI::App* add_completion_verb(CLI::App& app, CompletionOptions& options);

/// Prints the script with which a shell completes what `app` takes. Returns 0, or 3 where no shell is named.
int run_completion(const CompletionOptions& options, CLI::App& app, const Surroundings& surroundings);

}  // namespace tlswarden::cli

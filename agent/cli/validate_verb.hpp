#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/surroundings.hpp"

namespace tlswarden::cli {

struct ValidateOptions {
  std::vector<std::string> files;
};

CLI::App* add_validate_verb(CLI::App& app, ValidateOptions& options);

/// Prints every violation of schema and references on `err`, then a count on `out`. No network. Returns 0
/// when all is valid (warnings allowed), 2 when something is wrong, 3 when the command line is.
int run_validate(const ValidateOptions& options, const Surroundings& surroundings);

}  // namespace tlswarden::cli

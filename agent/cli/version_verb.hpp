#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/surroundings.hpp"

namespace tlswarden::cli {

struct VersionOptions {
  std::string output = "text";
};

CLI::App* add_version_verb(CLI::App& app, VersionOptions& options);

/// The program's version and those of the libraries whose behaviour matters to a check.
int run_version(const VersionOptions& options, const Surroundings& surroundings);

}  // namespace tlswarden::cli

#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace tlswarden::cli {

/// Accepts one of `choices` and answers anything else with all of them and the nearest.
CLI::Validator one_of(std::vector<std::string> choices);

}  // namespace tlswarden::cli

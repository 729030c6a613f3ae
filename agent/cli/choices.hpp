#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace tlswarden::cli {

/// Accepts one of `choices` and answers anything else with all of them and the nearest.
CLI::Validator one_of(std::vector<std::string> choices);

/// The choices of an option that was given one_of(); none otherwise.
std::vector<std::string> choices_of(CLI::Option& option);

/// Accepts a whole number of at least `least` and at most `most`; help does not show the bounds, so the
/// option's description should where they matter.
CLI::Validator between(int least, int most);

}  // namespace tlswarden::cli

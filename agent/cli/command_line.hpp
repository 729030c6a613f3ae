#pragma once

#include <string>
#include <vector>

#include "cli/surroundings.hpp"

namespace tlswarden::cli {

/// Runs the verb that `arguments` (without the program's name) ask for and returns the exit code. A command
/// line that cannot be understood is answered on `err` with the nearest right word, and with 3.
int run_command_line(const std::vector<std::string>& arguments, const Surroundings& surroundings);

}  // namespace tlswarden::cli

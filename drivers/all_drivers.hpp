#pragma once

#include <memory>
#include <vector>

#include "probe/driver.hpp"

namespace tlswarden::drivers {

/// One of each, in the order of the list in drivers/CMakeLists.txt, from which the definition is generated.
std::vector<std::unique_ptr<probe::Driver>> make_all_drivers();

}  // namespace tlswarden::drivers

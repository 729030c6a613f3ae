#pragma once

#include <memory>

#include "probe/driver.hpp"

namespace tlswarden::drivers::postgresql {

std::unique_ptr<probe::Driver> make_driver();

}  // namespace tlswarden::drivers::postgresql

#pragma once

#include <memory>

#include "probe/driver.hpp"

namespace tlswarden::drivers::mongodb {

/// MongoDB (mongod and mongos), and what speaks its protocol.
std::unique_ptr<probe::Driver> make_driver();

}  // namespace tlswarden::drivers::mongodb

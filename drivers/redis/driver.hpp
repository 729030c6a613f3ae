#pragma once

#include <memory>

#include "probe/driver.hpp"

namespace tlswarden::drivers::redis {

/// Redis and Valkey.
std::unique_ptr<probe::Driver> make_driver();

}  // namespace tlswarden::drivers::redis

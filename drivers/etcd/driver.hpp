#pragma once

#include <memory>

#include "probe/driver.hpp"

namespace tlswarden::drivers::etcd {

/// etcd's client port.
std::unique_ptr<probe::Driver> make_driver();

}  // namespace tlswarden::drivers::etcd

#pragma once

#include <memory>

#include "probe/driver.hpp"

namespace tlswarden::drivers {

/// Every driver of this build. Immutable; safe from any thread.
std::unique_ptr<probe::DriverRegistry> make_registry();

}  // namespace tlswarden::drivers

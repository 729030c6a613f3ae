#pragma once

#include <memory>

#include "probe/driver.hpp"

namespace tlswarden::drivers::oracle {

/// Oracle Database over TCPS: TLS first, Oracle Net (TNS) inside.
std::unique_ptr<probe::Driver> make_driver();

}  // namespace tlswarden::drivers::oracle

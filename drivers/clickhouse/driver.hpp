#pragma once

#include <memory>

#include "probe/driver.hpp"

namespace tlswarden::drivers::clickhouse {

/// ClickHouse, on its HTTPS port and on its native one.
std::unique_ptr<probe::Driver> make_driver();

}  // namespace tlswarden::drivers::clickhouse

#pragma once

#include <memory>

#include "probe/driver.hpp"

namespace tlswarden::drivers::sqlserver {

/// SQL Server, Azure SQL and Babelfish. To be called before the program has other threads: it takes out of
/// the environment what would redirect FreeTDS.
std::unique_ptr<probe::Driver> make_driver();

}  // namespace tlswarden::drivers::sqlserver

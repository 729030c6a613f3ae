#pragma once

#include <memory>

#include "probe/driver.hpp"

namespace tlswarden::drivers::cassandra {

/// Cassandra, ScyllaDB, DataStax Astra: whatever speaks the CQL native protocol.
std::unique_ptr<probe::Driver> make_driver();

}  // namespace tlswarden::drivers::cassandra

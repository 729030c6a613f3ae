#pragma once

#include <string_view>

#include "net/io_error.hpp"
#include "probe/failure.hpp"

namespace tlswarden::probe {

/// The failure that an I/O error at `stage` stands for. `peer` says for people who was meant: "db.internal"
/// for a name, "10.0.0.7:5432" for a connection.
Failure failure_from(const net::IoError& error, Stage stage, std::string_view peer);

}  // namespace tlswarden::probe

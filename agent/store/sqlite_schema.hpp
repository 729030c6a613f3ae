#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"

namespace SQLite {  // NOLINT(readability-identifier-naming): the library's own
class Database;
}

namespace tlswarden::store {

/// Opens or creates the state file at `path` and brings its schema up to date; the connection holds the
/// file's lock until it is closed. The Error names the file and says what to do.
base::Result<std::unique_ptr<SQLite::Database>> open_state_file(const std::string& path);

}  // namespace tlswarden::store

#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tlswarden::base {

/// Why a file gave nothing.
struct FileError {
  bool found = false;   ///< it is there but cannot be used
  std::string message;  ///< one sentence that names the file and says what to do
};

/// The content of a regular file (symbolic links are followed) of at most `limit` bytes. Opening never blocks
/// on a pipe or a device. What was read in vain is wiped.
Result<Secret, FileError> read_file(const std::filesystem::path& path, std::size_t limit);

}  // namespace tlswarden::base

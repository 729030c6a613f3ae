#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tlswarden::base {

/// Why a file gave nothing.
struct FileError {
  bool found = false;   ///< it is there but cannot be used
  std::string message;  ///< one sentence that names the file and says what to do
};

/// What tells one version of a file from another without reading it.
struct FileStamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified = 0, changed = 0;  ///< mtime and ctime, in nanoseconds since 1970
  mode_t mode = 0;
  uid_t owner = 0;

  bool operator==(const FileStamp&) const = default;
};

/// A file's content with its stamp.
struct FileContent {
  Secret bytes;
  FileStamp stamp;
  /// The stamp was the same before and after the reading.
  bool steady = false;
};

/// Nothing for a name behind which there is no file, or none that may be looked at. Follows symbolic links.
std::optional<FileStamp> stamp_of(const std::filesystem::path& path);

/// The content of a regular file (symbolic links are followed) of at most `limit` bytes. Opening never blocks
/// on a pipe or a device. What was read in vain is wiped.
Result<Secret, FileError> read_file(const std::filesystem::path& path, std::size_t limit);
/// The same, with its stamp.
Result<FileContent, FileError> read_stamped_file(const std::filesystem::path& path, std::size_t limit);

}  // namespace tlswarden::base

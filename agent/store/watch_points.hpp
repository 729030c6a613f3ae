#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace tlswarden::store {

/// A name in a directory at which something may change.
using WatchPoint = std::pair<std::filesystem::path, std::string>;

/// Where a change would make `file` another file: its own name in its directory, and every symbolic link on
/// the way there, such as the `..data` of a mounted Secret, in the directory where it stands. Where something
/// on the way is missing, the place at which it would appear. At most forty links are followed, as the kernel
/// does.
std::vector<WatchPoint> watch_points(const std::filesystem::path& file);

}  // namespace tlswarden::store

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tlswarden::base {

/// The candidate nearest to `given` by edit distance, ignoring case, '-' and '_'; nothing when none is near
/// enough to be what the writer meant.
std::optional<std::string> nearest(std::string_view given, std::span<const std::string> candidates);

}  // namespace tlswarden::base

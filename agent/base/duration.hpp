#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tlswarden::base {

/// Reads a duration such as `90s`, `5m`, `1h30m`, `28d`, `2w`: one or more whole numbers with a unit each,
/// from large to small. Never negative, at most 100 years.
Result<Seconds> parse_duration(std::string_view text);

/// The shortest spelling that parse_duration reads back: `28d`, `1h30m`, `0s`.
std::string format_duration(Seconds span);

/// For people: `in 12 days`, `3 hours ago`, `today` never: always a number and a unit, rounded down.
std::string describe_distance(WallTime from, WallTime to);

}  // namespace tlswarden::base

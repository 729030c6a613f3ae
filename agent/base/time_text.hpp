#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace tlswarden::base {

/// RFC 3339 in UTC with whole seconds, as Kubernetes writes it: 2026-03-01T12:00:00Z.
std::string format_rfc3339(WallTime time);
/// Reads RFC 3339 with `Z` or an offset; fractions of a second are dropped.
Result<WallTime> parse_rfc3339(std::string_view text);
/// The day alone: 2026-03-01.
std::string format_date(WallTime time);
/// Reads `--at`: a date (midnight UTC), an RFC 3339 time, or `+30d`, `-2h` relative to `now`.
Result<WallTime> parse_instant(std::string_view text, WallTime now);

}  // namespace tlswarden::base

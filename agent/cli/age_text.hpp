#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace tlswarden::cli {

/// A span as kubectl shows ages: two units at most, and only what tells: `45s`, `3m20s`, `5h`, `2d4h`, `3y`.
std::string age_text(base::Seconds span);
/// How long ago `time`, RFC 3339, was; `<unknown>` where it is none.
std::string age_since(std::string_view time, base::WallTime now);

}  // namespace tlswarden::cli

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

/// TDS 7 sends all text as UTF-16, least significant byte first.
namespace tlswarden::drivers::sqlserver {

/// UTF-8; what is no valid UTF-16 comes out as U+FFFD.
std::string from_utf16(base::ByteView text);
/// None when `text` is not valid UTF-8. Never leaves a copy behind: it may be a secret.
std::optional<base::Bytes> to_utf16(std::string_view text);

}  // namespace tlswarden::drivers::sqlserver

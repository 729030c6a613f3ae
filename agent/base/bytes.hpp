#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tlswarden::base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

ByteView as_bytes(std::string_view text);
std::string_view as_text(ByteView bytes);
Bytes to_bytes(std::string_view text);

/// Lower-case hexadecimal without separators.
std::string to_hex(ByteView bytes);

}  // namespace tlswarden::base

#include "resource/manifest_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace tlswarden::resource {
namespace {

int line_at(std::string_view text, std::size_t position) {
  return 1 + static_cast<int>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
}

/// What may follow a lead byte: how many bytes, and the range of the first of them (RFC 3629, section 4).
struct Follow {
  std::size_t count = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
};

bool follows(std::uint8_t lead, Follow& follow) {
  if (lead < 0x80) return true;
  if (lead >= 0xC2 && lead <= 0xDF) {
    follow.count = 1;
    return true;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    follow = {2, static_cast<std::uint8_t>(lead == 0xE0 ? 0xA0 : 0x80),
              static_cast<std::uint8_t>(lead == 0xED ? 0x9F : 0xBF)};
    return true;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    follow = {3, static_cast<std::uint8_t>(lead == 0xF0 ? 0x90 : 0x80),
              static_cast<std::uint8_t>(lead == 0xF4 ? 0x8F : 0xBF)};
    return true;
  }
  return false;
}

}  // namespace

int line_with_control_character(std::string_view text) {
  const auto forbidden = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F;
  };
  const auto found = std::find_if(text.begin(), text.end(), forbidden);
  return found == text.end() ? 0 : line_at(text, static_cast<std::size_t>(found - text.begin()));
}

int line_with_broken_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    Follow follow;
    if (!follows(byte(i), follow) || text.size() - i <= follow.count) return line_at(text, i);
    for (std::size_t j = 1; j <= follow.count; ++j) {
      const std::uint8_t low = j == 1 ? follow.low : std::uint8_t{0x80};
      const std::uint8_t high = j == 1 ? follow.high : std::uint8_t{0xBF};
      if (byte(i + j) < low || byte(i + j) > high) return line_at(text, i);
    }
    i += follow.count + 1;
  }
  return 0;
}

}  // namespace tlswarden::resource

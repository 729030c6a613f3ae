#include "drivers/sqlserver/unicode.hpp"

#include <cstdint>

#include "base/secret.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

constexpr char32_t kReplacement = 0xfffd, kHighSurrogates = 0xd800, kLowSurrogates = 0xdc00,
                   kBehindSurrogates = 0xe000, kFirstSupplementary = 0x10000, kLast = 0x10ffff;

void put_utf8(std::string& out, char32_t point) {
  const auto tail = [&out, point](unsigned shift) {
    out.push_back(static_cast<char>(0x80U | (point >> shift & 0x3fU)));
  };
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xc0U | point >> 6U));
    tail(0);
  } else if (point < kFirstSupplementary) {
    out.push_back(static_cast<char>(0xe0U | point >> 12U));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xf0U | point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

/// The code point at the beginning of `text`, which it shortens; none where the encoding is broken.
std::optional<char32_t> take_utf8(std::string_view& text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  const std::size_t more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  const bool broken_lead = (first >= 0x80 && first < 0xc2) || first > 0xf4;
  if (broken_lead || text.size() <= more) return std::nullopt;
  char32_t point = more == 0 ? first : first & (0x3fU >> more);
  for (std::size_t i = 1; i <= more; ++i) {
    const auto next = static_cast<std::uint8_t>(text[i]);
    if ((next & 0xc0U) != 0x80) return std::nullopt;
    point = point << 6U | (next & 0x3fU);
  }
  const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < kFirstSupplementary);
  if (overlong || point > kLast || (point >= kHighSurrogates && point < kBehindSurrogates))
    return std::nullopt;
  text.remove_prefix(more + 1);
  return point;
}

void put_unit(base::Bytes& out, char32_t unit) {
  out.push_back(static_cast<std::uint8_t>(unit));
  out.push_back(static_cast<std::uint8_t>(unit >> 8U));
}

}  // namespace

std::string from_utf16(base::ByteView text) {
  std::string out;
  const auto unit = [text](std::size_t at) { return static_cast<char32_t>(text[at] | text[at + 1] << 8U); };
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    char32_t point = unit(at);
    const bool high = point >= kHighSurrogates && point < kLowSurrogates;
    if (high && at + 3 < text.size() && unit(at + 2) >= kLowSurrogates && unit(at + 2) < kBehindSurrogates) {
      at += 2;
      point = kFirstSupplementary + ((point - kHighSurrogates) << 10U) + (unit(at) - kLowSurrogates);
    } else if (point >= kHighSurrogates && point < kBehindSurrogates) {
      point = kReplacement;
    }
    put_utf8(out, point);
  }
  return out;
}

std::optional<base::Bytes> to_utf16(std::string_view text) {
  base::Bytes out;
  out.reserve(text.size() * 2);  // never more, so that it never moves and leaves a copy
  while (!text.empty()) {
    const auto point = take_utf8(text);
    if (!point) {
      base::wipe_memory(out.data(), out.size());
      return std::nullopt;
    }
    if (*point < kFirstSupplementary) {
      put_unit(out, *point);
    } else {
      put_unit(out, kHighSurrogates + ((*point - kFirstSupplementary) >> 10U));
      put_unit(out, kLowSurrogates + ((*point - kFirstSupplementary) & 0x3ffU));
    }
  }
  return out;
}

}  // namespace tlswarden::drivers::sqlserver

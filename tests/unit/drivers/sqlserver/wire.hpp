#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

/// TDS as written down by hand, so that the tests share no code with what they test.
namespace tlswarden::drivers::sqlserver::wire {

inline base::Bytes from_hex(std::string_view hex) {
  base::Bytes out;
  std::string digits;
  for (const char c : hex) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() < 2) continue;
    out.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
    digits.clear();
  }
  return out;
}

/// A packet with an end-of-message mark.
inline base::Bytes packet(std::uint8_t type, base::ByteView payload, std::uint8_t status = 1) {
  const auto length = payload.size() + 8;
  base::Bytes out{
      type, status, static_cast<std::uint8_t>(length >> 8U), static_cast<std::uint8_t>(length), 0, 0, 1, 0};
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

inline base::Bytes prelogin_request(std::uint8_t encryption) {
  auto bytes = from_hex(
      "1201002f00000100 00001a0006 0100200001 0200210001 0300220004 0400260001 ff"
      "110000000000 00 00 00000000 00");
  bytes[8 + 32] = encryption;
  return bytes;
}

/// As SQL Server answers to those options: version 16.0.4191.
inline base::Bytes prelogin_reply(std::uint8_t encryption) {
  auto bytes = from_hex(
      "0401002b00330100 00001a0006 0100200001 0200210001 0300220000 0400220001 ff"
      "1000105f0000 00 00 00");
  bytes[8 + 32] = encryption;
  return bytes;
}

inline base::Bytes utf16(std::string_view ascii) {
  base::Bytes out;
  for (const char c : ascii) {
    out.push_back(static_cast<std::uint8_t>(c));
    out.push_back(0);
  }
  return out;
}

/// An ERROR token and DONE.
inline base::Bytes error_reply(std::int32_t number, std::string_view text) {
  base::Bytes body;
  for (unsigned shift = 0; shift < 32; shift += 8)
    body.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(number) >> shift));
  const base::Bytes state{1, 14, static_cast<std::uint8_t>(text.size()),
                          static_cast<std::uint8_t>(text.size() >> 8U)};
  body.insert(body.end(), state.begin(), state.end());
  const auto words = utf16(text);
  body.insert(body.end(), words.begin(), words.end());
  const base::Bytes tail{0, 0, 1, 0, 0, 0};
  body.insert(body.end(), tail.begin(), tail.end());
  base::Bytes payload{0xaa, static_cast<std::uint8_t>(body.size()),
                      static_cast<std::uint8_t>(body.size() >> 8U)};
  payload.insert(payload.end(), body.begin(), body.end());
  const auto done = from_hex("fd 0200 0000 0000000000000000");
  payload.insert(payload.end(), done.begin(), done.end());
  return packet(0x04, payload);
}

}  // namespace tlswarden::drivers::sqlserver::wire

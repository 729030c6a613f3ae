#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "drivers/mysql/packet.hpp"

/// The server's side of the protocol, as the real ones write it.
namespace tlswarden::drivers::mysql::wire {

inline constexpr std::uint32_t kMysqlCapabilities = 0xdfffffff;
inline constexpr std::uint32_t kMariadbCapabilities = 0x81fffffe;
inline constexpr std::uint32_t kSsl = 0x800;

struct GreetingSpec {
  std::string version = "8.4.3";
  std::uint32_t capabilities = kMysqlCapabilities;
  std::string plugin = "caching_sha2_password";
};

inline base::Bytes greeting_payload(const GreetingSpec& spec) {
  base::Bytes out{10};
  put_text(out, spec.version);
  put_u32(out, 77);
  put_text(out, "abcdefgh");
  put_u16(out, static_cast<std::uint16_t>(spec.capabilities));
  out.push_back(45);
  put_u16(out, 2);
  put_u16(out, static_cast<std::uint16_t>(spec.capabilities >> 16U));
  out.push_back(21);
  out.resize(out.size() + 6);
  put_u32(out, (spec.capabilities & 1U) == 0 ? 0x1dU : 0U);
  put_text(out, "ijklmnopqrst");
  put_text(out, spec.plugin);
  return out;
}

inline base::Bytes greeting(const GreetingSpec& spec = {}) {
  return encode_packet(0, greeting_payload(spec));
}

/// With a SQLSTATE, as within and after the handshake.
inline base::Bytes error(std::uint8_t sequence, std::uint16_t code, std::string_view text) {
  base::Bytes payload{0xff};
  put_u16(payload, code);
  const auto words = base::to_bytes("#28000" + std::string(text));
  payload.insert(payload.end(), words.begin(), words.end());
  return encode_packet(sequence, payload);
}

/// Without, as in place of the greeting.
inline base::Bytes early_error(std::uint16_t code, std::string_view text) {
  base::Bytes payload{0xff};
  put_u16(payload, code);
  const auto words = base::to_bytes(text);
  payload.insert(payload.end(), words.begin(), words.end());
  return encode_packet(0, payload);
}

inline base::Bytes ok(std::uint8_t sequence) {
  return encode_packet(sequence, base::Bytes{0, 0, 0, 2, 0, 0, 0});
}

inline base::Bytes auth_switch(std::uint8_t sequence, std::string_view plugin,
                               std::string_view data = "ABCDEFGHIJKLMNOPQRST") {
  base::Bytes payload{0xfe};
  put_text(payload, plugin);
  put_text(payload, data);
  return encode_packet(sequence, payload);
}

inline base::Bytes from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  base::Bytes out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  return out;
}

}  // namespace tlswarden::drivers::mysql::wire

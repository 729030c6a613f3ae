#include "drivers/sqlserver/prelogin.hpp"

#include "drivers/sqlserver/packet.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

constexpr std::uint8_t kVersion = 0x00, kEncryption = 0x01, kInstance = 0x02, kThread = 0x03, kMars = 0x04,
                       kTerminator = 0xff;
constexpr std::size_t kEntrySize = 5;
constexpr std::size_t kVersionSize = 6;  ///< major, minor, build (two bytes), sub-build (two bytes)

std::size_t u16(base::ByteView bytes, std::size_t at) {
  return std::size_t{bytes[at]} << 8U | bytes[at + 1];
}

std::string version_text(base::ByteView data) {
  return std::to_string(data[0]) + "." + std::to_string(data[1]) + "." + std::to_string(u16(data, 2));
}

void add(base::Bytes& table, base::Bytes& data, std::size_t table_size, std::uint8_t token,
         const base::Bytes& value) {
  const std::size_t at = table_size + data.size();
  const base::Bytes entry{token, static_cast<std::uint8_t>(at >> 8U), static_cast<std::uint8_t>(at),
                          static_cast<std::uint8_t>(value.size() >> 8U),
                          static_cast<std::uint8_t>(value.size())};
  table.insert(table.end(), entry.begin(), entry.end());
  data.insert(data.end(), value.begin(), value.end());
}

}  // namespace

base::Bytes prelogin_request(Encryption wanted) {
  constexpr std::size_t kOptions = 5, kTableSize = kOptions * kEntrySize + 1;
  base::Bytes payload, data;
  add(payload, data, kTableSize, kVersion, {0x11, 0, 0, 0, 0, 0});
  add(payload, data, kTableSize, kEncryption, {static_cast<std::uint8_t>(wanted)});
  add(payload, data, kTableSize, kInstance, {0});
  add(payload, data, kTableSize, kThread, {0, 0, 0, 0});
  add(payload, data, kTableSize, kMars, {0});
  payload.push_back(kTerminator);
  payload.insert(payload.end(), data.begin(), data.end());
  return encode_message(kPreloginPacket, payload);
}

std::optional<PreloginReply> parse_prelogin_reply(base::ByteView payload) {
  PreloginReply reply;
  bool told = false;
  for (std::size_t at = 0;; at += kEntrySize) {
    if (at >= payload.size()) return std::nullopt;
    const std::uint8_t token = payload[at];
    if (token == kTerminator) break;
    if (payload.size() - at < kEntrySize) return std::nullopt;
    const std::size_t offset = u16(payload, at + 1), length = u16(payload, at + 3);
    if (offset > payload.size() || length > payload.size() - offset) return std::nullopt;
    const auto value = payload.subspan(offset, length);
    if (token == kVersion && length == kVersionSize) reply.version = version_text(value);
    if (token != kEncryption) continue;
    if (told || length != 1 || value[0] > static_cast<std::uint8_t>(Encryption::kRequired))
      return std::nullopt;
    reply.encryption = static_cast<Encryption>(value[0]);
    reply.encryption_at = offset;
    told = true;
  }
  if (!told) return std::nullopt;
  return reply;
}

}  // namespace tlswarden::drivers::sqlserver

#include "drivers/oracle/tns_packet.hpp"

#include <algorithm>
#include <array>

namespace tlswarden::drivers::oracle {
namespace {

constexpr std::size_t kHeader = 8;
constexpr std::size_t kMaxPacket = std::size_t{64} * 1024;
constexpr std::size_t kMaxTotal = std::size_t{256} * 1024;
constexpr std::size_t kTypeAt = 4;
constexpr std::size_t kFlagsAt = 5;
constexpr std::array kFromListener{PacketType::kAccept, PacketType::kRefuse, PacketType::kRedirect,
                                   PacketType::kData,   PacketType::kResend, PacketType::kMarker,
                                   PacketType::kControl};

}  // namespace

std::uint16_t number16(base::ByteView bytes, std::size_t at) {
  if (at > bytes.size() || bytes.size() - at < 2) return 0;
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

std::uint32_t number32(base::ByteView bytes, std::size_t at) {
  if (at > bytes.size() || bytes.size() - at < 4) return 0;
  return std::uint32_t{number16(bytes, at)} << 16 | number16(bytes, at + 2);
}

void append16(base::Bytes& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value & 0xFF));
}

void append32(base::Bytes& out, std::uint32_t value) {
  append16(out, static_cast<std::uint16_t>(value >> 16));
  append16(out, static_cast<std::uint16_t>(value & 0xFFFF));
}

base::Bytes to_wire(PacketType type, base::ByteView body, Lengths lengths) {
  base::Bytes wire;
  wire.reserve(kHeader + body.size());
  const auto length = static_cast<std::uint32_t>(kHeader + body.size());
  // The two bytes behind a short length are a checksum that nobody uses.
  append32(wire, lengths == Lengths::kShort ? length << 16 : length);
  wire.push_back(static_cast<std::uint8_t>(type));
  wire.push_back(0);
  append16(wire, 0);
  wire.insert(wire.end(), body.begin(), body.end());
  return wire;
}

void PacketReader::feed(base::ByteView bytes) {
  total_ += bytes.size();
  if (total_ > kMaxTotal) {
    broken_ = broken_.value_or(probe::Cause::kMessageTooLarge);
  } else {
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  }
}

std::optional<probe::Cause> PacketReader::check_header(std::size_t length) const {
  const auto wrong = any_packet_ ? probe::Cause::kMalformedMessage : probe::Cause::kNotThisProtocol;
  if (length < kHeader) return wrong;
  // A checksum would stand where long lengths have their lower half.
  if (lengths_ == Lengths::kShort && number16(pending_, 2) != 0) return wrong;
  const auto type = static_cast<PacketType>(pending_[kTypeAt]);
  if (std::find(kFromListener.begin(), kFromListener.end(), type) == kFromListener.end()) return wrong;
  if (length > kMaxPacket) return probe::Cause::kMessageTooLarge;
  return std::nullopt;
}

base::Result<std::optional<Packet>, probe::Cause> PacketReader::next() {
  if (broken_) return tl::unexpected(*broken_);
  if (pending_.size() < kHeader) return std::nullopt;
  const std::size_t length =
      lengths_ == Lengths::kShort ? number16(pending_, 0) : std::size_t{number32(pending_, 0)};
  broken_ = check_header(length);
  if (broken_) return tl::unexpected(*broken_);
  if (pending_.size() < length) return std::nullopt;
  const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(length);
  Packet packet{static_cast<PacketType>(pending_[kTypeAt]),
                pending_[kFlagsAt],
                {pending_.begin() + static_cast<std::ptrdiff_t>(kHeader), end}};
  pending_.erase(pending_.begin(), end);
  any_packet_ = true;
  return packet;
}

}  // namespace tlswarden::drivers::oracle

#include "drivers/mysql/packet.hpp"

#include <algorithm>
#include <utility>

#include "base/secret.hpp"

namespace tlswarden::drivers::mysql {

base::Bytes encode_packet(std::uint8_t sequence, base::ByteView payload) {
  base::Bytes out;
  out.reserve(kHeaderSize + payload.size());
  for (unsigned shift = 0; shift < 24; shift += 8)
    out.push_back(static_cast<std::uint8_t>(payload.size() >> shift));
  out.push_back(sequence);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

// A reader may have seen a login pass by.
PacketReader::~PacketReader() {
  base::wipe_memory(buffer_.data(), buffer_.size());
}

void PacketReader::feed(base::ByteView bytes) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

std::size_t PacketReader::announced() const {
  return buffer_[0] | std::size_t{buffer_[1]} << 8U | std::size_t{buffer_[2]} << 16U;
}

bool PacketReader::too_large() const {
  return buffer_.size() >= kHeaderSize && announced() > max_payload_;
}

std::optional<std::uint8_t> PacketReader::announced_sequence() const {
  if (buffer_.size() < kHeaderSize) return std::nullopt;
  return buffer_[3];
}

std::optional<Packet> PacketReader::next() {
  if (buffer_.size() < kHeaderSize || too_large()) return std::nullopt;
  const auto size = kHeaderSize + announced();
  if (buffer_.size() < size) return std::nullopt;
  const auto end = buffer_.begin() + static_cast<std::ptrdiff_t>(size);
  Packet packet{.sequence = buffer_[3], .payload = base::Bytes(buffer_.begin() + kHeaderSize, end)};
  base::Bytes rest(end, buffer_.end());
  base::wipe_memory(buffer_.data(), buffer_.size());
  buffer_ = std::move(rest);
  return packet;
}

base::Bytes PacketReader::take_pending() {
  return std::exchange(buffer_, {});
}

base::ByteView Cursor::take(std::size_t size) {
  if (!ok_ || left() < size) {
    ok_ = false;
    return {};
  }
  const auto taken = bytes_.subspan(at_, size);
  at_ += size;
  return taken;
}

std::uint8_t Cursor::u8() {
  const auto bytes = take(1);
  return bytes.empty() ? 0 : bytes[0];
}

std::uint16_t Cursor::u16() {
  const auto bytes = take(2);
  return bytes.empty() ? 0 : static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8U);
}

std::uint32_t Cursor::u32() {
  const std::uint32_t low = u16();
  return low | std::uint32_t{u16()} << 16U;
}

std::string_view Cursor::text() {
  const auto rest = bytes_.subspan(at_);
  const auto nul = std::find(rest.begin(), rest.end(), std::uint8_t{0});
  if (nul == rest.end()) ok_ = false;
  if (!ok_) return {};
  const auto found = take(static_cast<std::size_t>(nul - rest.begin()));
  take(1);
  return base::as_text(found);
}

std::string_view Cursor::text_to_end() {
  const auto rest = bytes_.subspan(at_);
  const auto nul = std::find(rest.begin(), rest.end(), std::uint8_t{0});
  return nul == rest.end() ? base::as_text(take(left())) : text();
}

void put_u16(base::Bytes& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value));
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
}

void put_u32(base::Bytes& out, std::uint32_t value) {
  put_u16(out, static_cast<std::uint16_t>(value));
  put_u16(out, static_cast<std::uint16_t>(value >> 16U));
}

void put_text(base::Bytes& out, std::string_view text) {
  out.insert(out.end(), text.begin(), text.end());
  out.push_back(0);
}

}  // namespace tlswarden::drivers::mysql

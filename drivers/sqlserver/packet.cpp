#include "drivers/sqlserver/packet.hpp"

#include <algorithm>

#include "base/secret.hpp"

namespace tlswarden::drivers::sqlserver {

base::Bytes encode_message(std::uint8_t type, base::ByteView payload) {
  base::Bytes out;
  // Never moves and leaves a copy of a login behind.
  out.reserve(payload.size() + kHeaderSize * (payload.size() / kMostPayload + 1));
  std::uint8_t number = 0;
  do {
    const auto piece = payload.first(std::min(payload.size(), kMostPayload));
    payload = payload.subspan(piece.size());
    const auto length = static_cast<std::uint16_t>(piece.size() + kHeaderSize);
    const std::uint8_t status = payload.empty() ? kEndOfMessage : 0;
    const base::Bytes header{
        type,     status, static_cast<std::uint8_t>(length >> 8U), static_cast<std::uint8_t>(length), 0, 0,
        ++number, 0};
    out.insert(out.end(), header.begin(), header.end());
    out.insert(out.end(), piece.begin(), piece.end());
  } while (!payload.empty());
  return out;
}

MessageReader::MessageReader(std::uint8_t type, std::size_t most) : type_(type), most_(most) {
  // Never moves, so that wiping finds everything.
  buffer_.reserve(2 * most_ + kHeaderSize);
  payload_.reserve(most_);
}

MessageReader::~MessageReader() {
  base::wipe_memory(buffer_.data(), buffer_.size());
  base::wipe_memory(payload_.data(), payload_.size());
}

MessageReader::State MessageReader::feed(base::ByteView bytes) {
  if (buffer_.empty() && !bytes.empty() && bytes[0] != type_) return State::kStranger;
  if (buffer_.size() + bytes.size() > 2 * most_ + kHeaderSize) return State::kTooLarge;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  for (;;) {
    const auto packet = base::ByteView(buffer_).subspan(at_);
    if (!packet.empty() && packet[0] != type_) return State::kStranger;
    if (packet.size() < kHeaderSize) return State::kMore;
    const std::size_t length = std::size_t{packet[2]} << 8U | packet[3];
    if (length < kHeaderSize) return State::kStranger;
    if (payload_.size() + length - kHeaderSize > most_) return State::kTooLarge;
    if (packet.size() < length) return State::kMore;
    const auto content = packet.first(length).subspan(kHeaderSize);
    payload_.insert(payload_.end(), content.begin(), content.end());
    at_ += length;
    if ((packet[1] & kEndOfMessage) != 0) return State::kComplete;
  }
}

}  // namespace tlswarden::drivers::sqlserver

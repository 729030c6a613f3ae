#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

/// The framing of the MySQL client/server protocol (MySQL internals, "Protocol Basics"): three bytes of
/// length, little endian, one byte of sequence, the payload.
namespace tlswarden::drivers::mysql {

inline constexpr std::size_t kHeaderSize = 4;

struct Packet {
  std::uint8_t sequence = 0;
  base::Bytes payload;
};

/// Precondition: the payload is shorter than 2^24 - 1 bytes.
base::Bytes encode_packet(std::uint8_t sequence, base::ByteView payload);

/// Puts packets together from the stream. Holds at most one packet's payload of `max_payload` bytes and what
/// was fed behind it.
class PacketReader {
 public:
  explicit PacketReader(std::size_t max_payload) : max_payload_(max_payload) {}
  PacketReader(const PacketReader&) = delete;
  PacketReader& operator=(const PacketReader&) = delete;
  ~PacketReader();

  void feed(base::ByteView bytes);
  /// The next whole packet; none when more bytes are needed or the packet is too large.
  std::optional<Packet> next();
  /// The packet that comes next announces more than max_payload.
  bool too_large() const;
  /// The sequence number that the next packet announces, once its header is there.
  std::optional<std::uint8_t> announced_sequence() const;
  /// Bytes fed and not yet taken.
  std::size_t pending() const { return buffer_.size(); }
  base::Bytes take_pending();

 private:
  std::size_t announced() const;

  std::size_t max_payload_;
  base::Bytes buffer_;
};

/// Reads a payload from front to back without ever leaving it. After a read beyond the end ok() is false and
/// everything reads as empty.
class Cursor {
 public:
  explicit Cursor(base::ByteView bytes) : bytes_(bytes) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  base::ByteView take(std::size_t size);
  /// Up to a NUL, which is taken too; where there is none, the cursor fails.
  std::string_view text();
  /// As text(), but the end of the payload also ends it (some servers leave the NUL out).
  std::string_view text_to_end();
  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  bool ok() const { return ok_; }

 private:
  base::ByteView bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

void put_u16(base::Bytes& out, std::uint16_t value);
void put_u32(base::Bytes& out, std::uint32_t value);
/// The text and a NUL.
void put_text(base::Bytes& out, std::string_view text);

}  // namespace tlswarden::drivers::mysql

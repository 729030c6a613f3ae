#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

/// TDS packets: MS-TDS section 2.2.3. A header of 8 bytes (type, status, length of the whole in two bytes,
/// most significant first, process, packet number, window) and up to 4088 bytes of a message.
namespace tlswarden::drivers::sqlserver {

inline constexpr std::size_t kHeaderSize = 8;
inline constexpr std::size_t kMostPayload = 4096 - kHeaderSize;  ///< before another size is agreed on

inline constexpr std::uint8_t kReplyPacket = 0x04;
inline constexpr std::uint8_t kLoginPacket = 0x10;
inline constexpr std::uint8_t kPreloginPacket = 0x12;  ///< also carries the TLS handshake
inline constexpr std::uint8_t kEndOfMessage = 0x01;    ///< in the status

/// A message cut into packets.
base::Bytes encode_message(std::uint8_t type, base::ByteView payload);

/// Gathers one message of one type.
class MessageReader {
 public:
  enum class State {
    kMore,
    kComplete,
    kStranger,  ///< no packet, or one of another type
    kTooLarge,
  };

  /// `most`: bytes of the message; a bound of ours.
  MessageReader(std::uint8_t type, std::size_t most);
  ~MessageReader();  ///< wipes: it may have been a login
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  /// Not after any other state than kMore.
  State feed(base::ByteView bytes);
  base::ByteView payload() const { return payload_; }
  /// What followed the message.
  base::ByteView rest() const { return base::ByteView(buffer_).subspan(at_); }

 private:
  std::uint8_t type_;
  std::size_t most_;
  base::Bytes buffer_, payload_;
  std::size_t at_ = 0;  ///< of the packet that is awaited, in buffer_
};

}  // namespace tlswarden::drivers::sqlserver

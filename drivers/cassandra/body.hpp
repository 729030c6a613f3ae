#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace tlswarden::drivers::cassandra {

/// Takes the notations of the native protocol (native_protocol_v4.spec, section 3) out of a message, one
/// after the other. What is not there is read as zero or nothing, and sound() is false from then on; so a
/// length that the peer made up never reads beyond the message. Does not own the bytes.
class Body {
 public:
  explicit Body(base::ByteView bytes) : rest_(bytes) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::int32_t i32() { return static_cast<std::int32_t>(u32()); }
  std::string string();  ///< [string]: at most 64 KiB, raw
  /// [bytes] or [value]: nothing for null.
  std::optional<std::string> value();
  void skip(std::size_t count) { take(count); }

  base::ByteView rest() const { return rest_; }
  bool sound() const { return sound_; }

 private:
  /// The next `count` bytes; none, and unsound, where fewer are left.
  base::ByteView take(std::size_t count);

  base::ByteView rest_;
  bool sound_ = true;
};

}  // namespace tlswarden::drivers::cassandra

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

/// Values of TTC, the protocol of the database inside TNS, as the thin clients write and read them.
namespace tlswarden::drivers::oracle {

/// Builds one message. Not a secret's place: what it holds is plain or encrypted for the server.
class TtcWriter {
 public:
  TtcWriter& byte(std::uint8_t value);
  TtcWriter& bytes(base::ByteView value);
  /// Characters alone; their number went before.
  TtcWriter& characters(std::string_view text);
  /// How many bytes the value needs, then those.
  TtcWriter& number(std::uint64_t value);
  /// Length and characters, in pieces where they are many.
  TtcWriter& text(std::string_view text);
  TtcWriter& pair(std::string_view key, std::string_view value, std::uint32_t flags = 0);
  base::Bytes take() { return std::move(out_); }

 private:
  base::Bytes out_;
};

/// Reads one message of a server, which may not be there as a whole yet. After the first value that is
/// short, or that cannot be, all others read as nothing.
class TtcReader {
 public:
  explicit TtcReader(base::ByteView bytes) : rest_(bytes) {}

  std::uint8_t byte();
  std::uint16_t big_endian16();
  /// At most eight bytes; a sign is dropped.
  std::uint64_t number();
  std::string text();
  base::ByteView bytes(std::uint64_t count);
  void skip(std::uint64_t count) { bytes(count); }
  /// Values in a row: 'b' is a byte, 'n' a number, 't' an optional_text().
  void skip_values(std::string_view layout);
  /// A text that is there only when the number before it is not 0.
  std::string optional_text() { return number() > 0 ? text() : std::string(); }

  bool at_end() const { return rest_.empty(); }
  bool is_short() const { return short_; }
  bool is_broken() const { return broken_; }
  bool good() const { return !short_ && !broken_; }
  /// The value cannot be; unless it is only not there yet.
  void fail() { broken_ = broken_ || !short_; }

 private:
  base::ByteView rest_;
  bool short_ = false;
  bool broken_ = false;
};

}  // namespace tlswarden::drivers::oracle

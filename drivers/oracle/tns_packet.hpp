#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "probe/failure.hpp"

/// Packets of Oracle Net's transport, TNS, as python-oracledb's and node-oracledb's thin mode write and read
/// them: eight bytes of header, all numbers big-endian.
namespace tlswarden::drivers::oracle {

enum class PacketType : std::uint8_t {
  kConnect = 1,
  kAccept = 2,
  kRefuse = 4,
  kRedirect = 5,
  kData = 6,
  kResend = 11,
  kMarker = 12,
  kControl = 14,
};

/// How the header gives the packet's length: in two bytes, or in four once an ACCEPT of protocol version 315
/// or later has passed.
enum class Lengths { kShort, kLong };

struct Packet {
  PacketType type{};
  std::uint8_t flags = 0;
  base::Bytes body;  ///< what follows the header
};

/// `body` with its header, as it stands on the wire. At most 65527 bytes of body under kShort.
base::Bytes to_wire(PacketType type, base::ByteView body, Lengths lengths = Lengths::kShort);

/// Number access into untrusted bytes; 0 beyond their end.
std::uint16_t number16(base::ByteView bytes, std::size_t at);
std::uint32_t number32(base::ByteView bytes, std::size_t at);
void append16(base::Bytes& out, std::uint16_t value);
void append32(base::Bytes& out, std::uint32_t value);

/// Cuts the stream of a listener or server into packets. Hostile input: a packet of more than 64 KiB, more
/// than 256 KiB in all, and a header that no listener sends end it.
class PacketReader {
 public:
  void feed(base::ByteView bytes);
  /// The next whole packet; nothing when more bytes are needed. After an error only errors follow.
  base::Result<std::optional<Packet>, probe::Cause> next();
  /// Holds for every packet after those that next() has given.
  void expect(Lengths lengths) { lengths_ = lengths; }
  bool any_bytes() const { return total_ > 0; }

 private:
  std::optional<probe::Cause> check_header(std::size_t length) const;

  base::Bytes pending_;
  std::size_t total_ = 0;
  bool any_packet_ = false;
  Lengths lengths_ = Lengths::kShort;
  std::optional<probe::Cause> broken_;
};

}  // namespace tlswarden::drivers::oracle

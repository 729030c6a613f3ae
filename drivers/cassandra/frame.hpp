#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "probe/failure.hpp"

/// Frames of the CQL native protocol, version 4, which every Cassandra since 2.2 and every ScyllaDB speaks.
/// https://github.com/apache/cassandra/blob/trunk/doc/native_protocol_v4.spec, section 2
namespace tlswarden::drivers::cassandra {

inline constexpr std::uint8_t kProtocolVersion = 4;

enum class Opcode : std::uint8_t {
  kError = 0x00,
  kStartup = 0x01,
  kReady = 0x02,
  kAuthenticate = 0x03,
  kOptions = 0x05,
  kSupported = 0x06,
  kQuery = 0x07,
  kResult = 0x08,
  kEvent = 0x0C,
  kAuthChallenge = 0x0E,
  kAuthResponse = 0x0F,
  kAuthSuccess = 0x10,
};

/// One answer of a node. Raw bytes of the peer.
struct Frame {
  Opcode opcode = Opcode::kError;
  base::Bytes body;  ///< without the tracing id, warnings and payload that may stand before it
};

/// Cuts the stream of a node into frames. Hostile input: a body of more than 64 KiB, a compressed one, an
/// opcode that is no answer or a header of no protocol version ends it. A node that does not know version 4
/// says so in a frame of its own version, so every version is understood.
class FrameReader {
 public:
  void feed(base::ByteView bytes);
  /// The next whole frame; nothing when more bytes are needed. After an error only errors follow.
  base::Result<std::optional<Frame>, probe::Cause> next();

 private:
  base::Result<std::optional<Frame>, probe::Cause> broken(probe::Cause cause);

  base::Bytes buffer_;
  bool any_ = false;
  std::optional<probe::Cause> broken_;
};

}  // namespace tlswarden::drivers::cassandra

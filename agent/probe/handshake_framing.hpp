#pragma once

#include <memory>

#include "base/bytes.hpp"

namespace tlswarden::probe {

/// How a protocol carries the records of a TLS handshake inside packets of its own. Sans-I/O; one for each
/// connection, dropped once the handshake is over: from then on records travel as they are.
class HandshakeFraming {
 public:
  HandshakeFraming() = default;
  HandshakeFraming(const HandshakeFraming&) = delete;
  HandshakeFraming& operator=(const HandshakeFraming&) = delete;
  virtual ~HandshakeFraming() = default;

  /// One flight of records, packed for the wire.
  virtual base::Bytes wrap(base::ByteView records) = 0;
  /// What of the next bytes from the wire belongs to TLS; may be none yet. Bytes that are no packet of the
  /// protocol come out as they are, so that what they mean is judged where TLS is.
  virtual base::Bytes unwrap(base::ByteView bytes) = 0;
};
using HandshakeFramingPtr = std::unique_ptr<HandshakeFraming>;

}  // namespace tlswarden::probe

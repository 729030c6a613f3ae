#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/deadline.hpp"
#include "net/awaitable.hpp"
#include "net/io_error.hpp"
#include "net/resolver.hpp"

namespace tlswarden::net {

/// A connected, ordered, two-way stream of bytes: a TCP socket, or TLS upon one. One coroutine at a time may
/// read and one may write. Destruction closes without ceremony. Bound to the loop it was made on.
class ByteStream {
 public:
  ByteStream() = default;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  virtual ~ByteStream() = default;

  /// At least one byte, or kPeerClosed at the end of the stream, kTimedOut at the deadline.
  virtual Awaitable<IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                                     base::Deadline deadline) = 0;
  /// All of `bytes` or an error. `bytes` must stay valid until the coroutine ends.
  virtual Awaitable<IoResult<void>> write_all(base::ByteView bytes, base::Deadline deadline) = 0;
  /// Ends the stream as its layer expects (close_notify, FIN). Best effort, never waits for the peer beyond
  /// `deadline`; the stream is unusable afterwards.
  virtual Awaitable<void> close(base::Deadline deadline) = 0;
};
using ByteStreamPtr = std::unique_ptr<ByteStream>;

/// Connects to one address. Passed by reference.
class Connector {
 public:
  Connector() = default;
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;
  virtual ~Connector() = default;
  virtual Awaitable<IoResult<ByteStreamPtr>> connect(Address address, base::Deadline deadline) = 0;
};

std::unique_ptr<Connector> make_tcp_connector(const base::Clock& clock);

}  // namespace tlswarden::net

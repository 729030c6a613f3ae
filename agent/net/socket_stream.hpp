#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

#include "base/clock.hpp"
#include "net/byte_stream.hpp"

namespace tlswarden::net {

/// A stream over a connected socket, of TCP or a local one, which it takes over. `clock` must outlive the
/// stream. Reading and writing may each have a deadline of their own. An operation that timed out may be
/// repeated: nothing that arrived is lost.
ByteStreamPtr make_socket_stream(boost::asio::generic::stream_protocol::socket socket,
                                 const base::Clock& clock);

}  // namespace tlswarden::net

#pragma once

#include "probe/handshake_framing.hpp"

namespace tlswarden::drivers::sqlserver {

/// TLS as TDS 7 does it: each flight of the handshake is the content of PRELOGIN packets (MS-TDS section
/// 3.2.5.1). The server's packets are read as one stream of bytes, because servers cut records between
/// packets, mark each one as a message's last and exceed 4096 bytes.
probe::HandshakeFramingPtr make_handshake_packets();

}  // namespace tlswarden::drivers::sqlserver

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tlswarden::serve {

/// Where to listen. A value.
struct ListenAddress {
  std::string host;        ///< a name or an IP literal without brackets
  std::uint16_t port = 0;  ///< 0: a free one
};

/// Reads `--listen`: HOST:PORT, [IPV6]:PORT, or :PORT for all IPv4 addresses.
base::Result<ListenAddress> parse_listen_address(std::string_view text);
/// As parse_listen_address reads it.
std::string to_string(const ListenAddress& address);

}  // namespace tlswarden::serve

#pragma once

#include <cstdint>
#include <string>

namespace tlswarden::net {

/// An address to connect to.
struct Address {
  std::string ip;  ///< textual IPv4 or IPv6, without brackets; a zone after % is kept
  std::uint16_t port = 0;
  bool operator==(const Address&) const = default;
};

/// "10.0.0.7:5432", "[::1]:5432".
std::string to_string(const Address& address);

}  // namespace tlswarden::net

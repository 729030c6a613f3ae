#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace tlswarden::kube {

/// Where an API server is: https://HOST[:PORT][/PREFIX].
struct ServerAddress {
  bool secure = true;
  std::string host;  ///< a name or an address; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string prefix;  ///< "" or "/k8s/clusters/c-1": what stands before every path, without a final slash
};

/// The Error never repeats the URL's user part, which may hold a password and is refused.
base::Result<ServerAddress> parse_server_address(std::string_view url);
/// HOST[:PORT] as the Host header has it: the scheme's own port left out, IPv6 in brackets.
std::string authority(const ServerAddress& address);
/// The whole URL, for messages and for exec plugins.
std::string to_string(const ServerAddress& address);
/// Whether `host` is a literal IPv4 or IPv6 address.
bool is_ip_literal(const std::string& host);

}  // namespace tlswarden::kube

#include "kube/server_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tlswarden::kube {
namespace {

constexpr std::size_t kLongestUrl = 2048;
constexpr const char* kHint = "; give it as https://HOST:PORT";

bool is_graphic(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

base::Result<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return base::fail("the API server's URL has no valid port" + std::string(kHint));
  }
  return static_cast<std::uint16_t>(port);
}

/// Splits HOST[:PORT]; `port` stays empty where there is none.
base::Result<void> split_authority(std::string_view text, std::string& host, std::string_view& port) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return base::fail("the API server's URL opens a bracket and does not close it" + std::string(kHint));
    }
    host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (host.find(':') == std::string::npos || !is_ip_literal(host)) {
      return base::fail("the API server's URL has no IPv6 address in its brackets" + std::string(kHint));
    }
  } else {
    const std::size_t colon = text.find(':');
    host = text.substr(0, colon);
    text.remove_prefix(std::min(colon, text.size()));
  }
  if (host.empty() || (!text.empty() && !text.starts_with(':'))) {
    return base::fail("the API server's URL names no host" + std::string(kHint));
  }
  port = text.empty() ? text : text.substr(1);
  return {};
}

}  // namespace

bool is_ip_literal(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

base::Result<ServerAddress> parse_server_address(std::string_view url) {
  if (url.size() > kLongestUrl || !is_graphic(url)) {
    return base::fail("the API server's URL is too long or has characters that no URL has" +
                      std::string(kHint));
  }
  ServerAddress address;
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
    address.secure = false;
    address.port = 80;
  } else {
    return base::fail("the API server's URL begins with neither https:// nor http://" + std::string(kHint));
  }
  if (url.find_first_of("?#@") != std::string_view::npos) {
    return base::fail("the API server's URL has a user, a query or a fragment, which it may not have" +
                      std::string(kHint));
  }
  const std::size_t slash = std::min(url.find('/'), url.size());
  address.prefix = url.substr(slash);
  address.prefix.erase(address.prefix.find_last_not_of('/') + 1);
  std::string_view port;
  if (auto split = split_authority(url.substr(0, slash), address.host, port); !split) {
    return tl::unexpected(split.error());
  }
  if (!port.empty()) {
    const auto number = parse_port(port);
    if (!number) return tl::unexpected(number.error());
    address.port = *number;
  }
  return address;
}

std::string authority(const ServerAddress& address) {
  std::string text = address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
  if (address.port != (address.secure ? 443 : 80)) text += ":" + std::to_string(address.port);
  return text;
}

std::string to_string(const ServerAddress& address) {
  return (address.secure ? "https://" : "http://") + authority(address) + address.prefix;
}

}  // namespace tlswarden::kube

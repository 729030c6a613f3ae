#include "serve/listen_address.hpp"

#include <charconv>

namespace tlswarden::serve {

base::Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refused = [&] {
    return base::fail("--listen '" + std::string(text.substr(0, 80)) +
                      "' is no address; write HOST:PORT, such as 127.0.0.1:9464, [::1]:9464 or :9464");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refused();
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos) return refused();
  } else if (host.find_first_of(":[] ") != std::string_view::npos) {
    return refused();
  }
  ListenAddress address{host.empty() ? "0.0.0.0" : std::string(host), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (port.empty() || error != std::errc{} || end != port.data() + port.size()) return refused();
  return address;
}

std::string to_string(const ListenAddress& address) {
  const bool bracketed = address.host.find(':') != std::string::npos;
  return (bracketed ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace tlswarden::serve

#include "net/address.hpp"

namespace tlswarden::net {

std::string to_string(const Address& address) {
  const bool bracketed = address.ip.find(':') != std::string::npos;
  const std::string host = bracketed ? "[" + address.ip + "]" : address.ip;
  return host + ":" + std::to_string(address.port);
}

}  // namespace tlswarden::net

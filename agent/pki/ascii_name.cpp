#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "base/text.hpp"
#include "pki/name_match.hpp"

namespace tlswarden::pki {
namespace {

struct IdnaRelease {
  void operator()(char* text) const { idn2_free(text); }
};

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

bool is_ip_literal(std::string_view name) {
  if (name.find('\0') != std::string_view::npos) return false;
  // A zone (RFC 4007 section 11) says where the address is, not which one it is.
  const std::string address(name.substr(0, name.find('%')));
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return true;
  return address.size() == name.size() && inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
}

std::string to_ascii_name(std::string_view name) {
  if (is_ip_literal(name)) return std::string(name);
  // Names such as my_db.internal are no IDNA labels but resolve all the same.
  if (is_ascii(name)) return base::lower_ascii(name);
  if (name.find('\0') != std::string_view::npos) return std::string(name);
  char* converted = nullptr;
  const int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  if (idn2_to_ascii_8z(std::string(name).c_str(), &converted, flags) != IDN2_OK) return std::string(name);
  const std::unique_ptr<char, IdnaRelease> owner(converted);
  return base::lower_ascii(converted);
}

}  // namespace tlswarden::pki

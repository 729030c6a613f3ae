#pragma once

#include <string>
#include <string_view>

#include "pki/certificate.hpp"

namespace tlswarden::pki {

/// The three ways in which database clients compare names; resource::NameRules maps onto them.
enum class NamePolicy {
  kLibpq,    ///< libpq 15 fe-secure-common.c / fe-secure-openssl.c
  kOpenssl,  ///< X509_check_host(flags 0), then X509_check_ip_asc: Connector/C, libmysqlclient
  kStrict,   ///< RFC 6125, RFC 2818 IP rule; SAN only
};

struct NameMatch {
  bool matches = false;
  bool by_common_name = false;  ///< only the CN matched: works with this client, but a SAN should be added
  std::string detail;           ///< on a mismatch: the names that the certificate has, for people
};

/// Whether the certificate is for `name`, a DNS name (U-labels are converted by IDNA 2008) or an IP literal.
NameMatch match_name(const Certificate& leaf, std::string_view name, NamePolicy policy);

/// IDNA 2008 A-label form in lower case; the input itself when it is an IP literal or not convertible.
std::string to_ascii_name(std::string_view name);
bool is_ip_literal(std::string_view name);

}  // namespace tlswarden::pki

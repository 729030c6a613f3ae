#include "pki/name_match.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kNamesShown = 8;

/// The names of a certificate, byte for byte.
struct RawNames {
  struct Alternative {
    bool is_address;
    std::string value;
  };
  std::vector<Alternative> alternatives;  ///< dNSName and iPAddress in the certificate's order
  std::optional<std::string> first_common_name;
};

RawNames read_names(const X509& certificate) {
  RawNames names;
  const GeneralNamesPtr list(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
    if (name->type == GEN_DNS) names.alternatives.push_back({false, std::string(raw_text(*name->d.dNSName))});
    if (name->type == GEN_IPADD)
      names.alternatives.push_back({true, std::string(raw_text(*name->d.iPAddress))});
  }
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0)
    names.first_common_name = raw_text(*X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  return names;
}

std::string address_bytes(int family, const std::string& text) {
  std::string bytes(family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr), '\0');
  return inet_pton(family, text.c_str(), bytes.data()) == 1 ? bytes : std::string();
}

/// libpq 15's own comparison (fe-secure-common.c): the first name that matches decides, and so does the first
/// name that libpq refuses to look at, even where a later one would match.
class LibpqMatcher {
 public:
  explicit LibpqMatcher(const std::string& host) : host_(host), ipv6_(address_bytes(AF_INET6, host)) {
    // inet_aton knows spellings that inet_pton does not ("127.1"); libpq uses it on purpose.
    in_addr address{};
    if (inet_aton(host.c_str(), &address) != 0) {
      ipv4_.assign(reinterpret_cast<const char*>(&address), sizeof(address));
    }
  }

  NameMatch match(const RawNames& names) const {
    const bool host_is_address = !ipv4_.empty() || !ipv6_.empty();
    bool try_common_name = true;
    for (const RawNames::Alternative& name : names.alternatives) {
      if (name.is_address == host_is_address) try_common_name = false;
      const Outcome outcome = name.is_address ? compare_address(name.value) : compare_name(name.value);
      if (outcome == Outcome::kMatch) return {true, false, {}};
      if (outcome == Outcome::kRefused) return refusal();
    }
    if (!try_common_name || !names.first_common_name) return {};
    const Outcome outcome = compare_name(*names.first_common_name);
    if (outcome == Outcome::kRefused) return refusal();
    return {outcome == Outcome::kMatch, outcome == Outcome::kMatch, {}};
  }

 private:
  enum class Outcome { kMatch, kMismatch, kRefused };

  static NameMatch refusal() {
    return {false, false,
            "the certificate has a name with an embedded NUL or an address of a wrong length, and libpq "
            "refuses the whole certificate for it"};
  }

  Outcome compare_name(const std::string& pattern) const {
    if (pattern.find('\0') != std::string::npos) return Outcome::kRefused;
    const bool matches = base::equal_ignoring_case(pattern, host_) || wildcard_matches(pattern);
    return matches ? Outcome::kMatch : Outcome::kMismatch;
  }

  /// "*." stands for exactly one leading label; how many labels follow does not matter to libpq.
  bool wildcard_matches(const std::string& pattern) const {
    if (pattern.size() < 3 || !pattern.starts_with("*.") || pattern.size() > host_.size()) return false;
    const std::size_t tail = host_.size() - (pattern.size() - 1);
    return host_.find('.') >= tail && base::equal_ignoring_case(pattern.substr(1), host_.substr(tail));
  }

  Outcome compare_address(const std::string& bytes) const {
    if (bytes.size() != sizeof(in_addr) && bytes.size() != sizeof(in6_addr)) return Outcome::kRefused;
    return bytes == (bytes.size() == sizeof(in_addr) ? ipv4_ : ipv6_) ? Outcome::kMatch : Outcome::kMismatch;
  }

  const std::string& host_;
  std::string ipv4_, ipv6_;  ///< the host in network byte order; empty if it is no such address
};

/// What Connector/C and libmysqlclient ask of OpenSSL for the host that they connect to.
NameMatch match_as_openssl(X509& certificate, const std::string& host) {
  const auto matches_host = [&](unsigned int flags) {
    return X509_check_host(&certificate, host.data(), host.size(), flags, nullptr) == 1;
  };
  if (matches_host(0)) return {true, !matches_host(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT), {}};
  return {X509_check_ip_asc(&certificate, host.c_str(), 0) == 1, false, {}};
}

/// RFC 6125 section 6.4.3: the wildcard is the whole left-most label and stands for one label; two more must
/// follow.
bool strict_wildcard_matches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return false;
  const std::string_view tail = pattern.substr(1);
  const std::size_t dot = host.find('.');
  return tail.find('.', 1) != std::string_view::npos && dot != 0 && dot != std::string_view::npos &&
         base::equal_ignoring_case(tail, host.substr(dot));
}

NameMatch match_strictly(const RawNames& names, const std::string& name) {
  const bool host_is_address = is_ip_literal(name);
  std::string host = name;
  if (!host_is_address && host.ends_with('.')) host.pop_back();
  const std::string address = host.substr(0, host.find('%'));
  const std::string ipv4 = address_bytes(AF_INET, address);
  const std::string wanted = ipv4.empty() ? address_bytes(AF_INET6, address) : ipv4;
  const auto matches = [&](const RawNames::Alternative& alternative) {
    if (alternative.is_address != host_is_address) return false;
    if (alternative.is_address) return alternative.value == wanted;
    return base::equal_ignoring_case(alternative.value, host) ||
           strict_wildcard_matches(alternative.value, host);
  };
  return {std::any_of(names.alternatives.begin(), names.alternatives.end(), matches), false, {}};
}

std::string describe_names(const CertificateFacts& facts) {
  std::vector<std::string> names = facts.dns_names;
  names.insert(names.end(), facts.ip_addresses.begin(), facts.ip_addresses.end());
  if (names.empty()) {
    return facts.common_name.empty()
               ? "the certificate names no host at all"
               : "the certificate has no subjectAltName; its common name is " + facts.common_name;
  }
  std::string text = "the certificate is for " + names.front();
  const std::size_t shown = std::min(names.size(), kNamesShown);
  for (std::size_t i = 1; i < shown; ++i) {
    text += (i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more names";
  return text;
}

NameMatch compare(const X509Ptr& certificate, const std::string& host, NamePolicy policy) {
  if (!certificate || host.empty() || host.find('\0') != std::string::npos) return {};
  switch (policy) {
    case NamePolicy::kLibpq:
      return LibpqMatcher(host).match(read_names(*certificate));
    case NamePolicy::kOpenssl:
      return match_as_openssl(*certificate, host);
    case NamePolicy::kStrict:
      break;
  }
  return match_strictly(read_names(*certificate), host);
}

}  // namespace

NameMatch match_name(const Certificate& leaf, std::string_view name, NamePolicy policy) {
  NameMatch match = compare(to_x509(leaf), to_ascii_name(name), policy);
  ERR_clear_error();
  if (!match.matches && match.detail.empty()) match.detail = describe_names(leaf.facts);
  return match;
}

}  // namespace tlswarden::pki

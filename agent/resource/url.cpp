#include "resource/url.hpp"

#include "base/text.hpp"

namespace tlswarden::resource {
namespace {

constexpr std::string_view kForm = "ENGINE://[USER@]HOST[:PORT][/DATABASE][?mode=…]";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

base::Result<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return base::fail("a % is not followed by two hexadecimal digits; write %25 for a %");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      return base::fail("there is a control character in the URL");
    plain.push_back(c);
  }
  return plain;
}

/// Where the authority ends: at the path, the query or the fragment.
std::string_view authority_of(std::string_view rest) {
  return rest.substr(0, rest.find_first_of("/?#"));
}

base::Result<void> split_user(std::string_view& authority, EndpointUrl& parts) {
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return {};
  const std::string_view user = authority.substr(0, at);
  authority.remove_prefix(at + 1);
  if (user.find(':') != std::string_view::npos) {
    return base::fail(
        "there is a password in the URL, where the process list and the shell's history show it; write a "
        "manifest with "
        "auth.password from env, file or secretKeyRef");
  }
  auto name = decoded(user);
  if (!name) return tl::unexpected(name.error());
  parts.user = std::move(*name);
  return {};
}

base::Result<void> split_host(std::string_view authority, EndpointUrl& parts) {
  std::size_t end = authority.find(':');
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return base::fail("the bracket of the IPv6 address is not closed");
    parts.host = authority.substr(1, bracket - 1);
    end = bracket + 1;
    if (end < authority.size() && authority[end] != ':')
      return base::fail("only a port may follow the brackets");
  } else {
    if (end != std::string_view::npos && authority.find(':', end + 1) != std::string_view::npos) {
      return base::fail("an IPv6 address stands in brackets in a URL: [2001:db8::1]:5432");
    }
    auto host = decoded(authority.substr(0, end));
    if (!host) return tl::unexpected(host.error());
    parts.host = std::move(*host);
  }
  if (end < authority.size()) parts.port = std::string(authority.substr(end + 1));
  if (parts.host.empty()) return base::fail("the host is missing; write " + std::string(kForm));
  return {};
}

base::Result<void> split_query(std::string_view query, EndpointUrl& parts) {
  if (query.empty()) return {};
  for (const std::string_view item : base::split(query, '&')) {
    const std::size_t equals = item.find('=');
    if (item.empty()) continue;
    if (equals == std::string_view::npos) {
      return base::fail("'" + base::printable(item, 40) + "' has no value; write KEY=VALUE");
    }
    auto value = decoded(item.substr(equals + 1));
    auto key = decoded(item.substr(0, equals));
    if (!key || !value) return tl::unexpected(key ? value.error() : key.error());
    parts.query.emplace_back(std::move(*key), std::move(*value));
  }
  return {};
}

}  // namespace

std::string shown_url(std::string_view url) {
  const std::size_t colon = url.find("://");
  const bool is_scheme =
      colon != std::string_view::npos && url.substr(0, colon).find('@') == std::string_view::npos;
  if (!is_scheme) return "URL";
  const std::string_view authority = authority_of(url.substr(colon + 3));
  const std::size_t at = authority.rfind('@');
  const std::string_view host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  return base::printable(url.substr(0, colon), 40) + "://" + base::printable(host, 260);
}

base::Result<EndpointUrl> split_url(std::string_view url) {
  constexpr std::size_t kLongest = 8192;
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos || colon == 0)
    return base::fail("this is no URL; write " + std::string(kForm));
  if (url.size() > kLongest)
    return base::fail("the URL is longer than " + std::to_string(kLongest) + " characters");
  EndpointUrl parts;
  parts.scheme = url.substr(0, colon);
  std::string_view rest = url.substr(colon + 3);
  std::string_view authority = authority_of(rest);
  rest.remove_prefix(authority.size());
  if (auto done = split_user(authority, parts); !done) return tl::unexpected(done.error());
  if (auto done = split_host(authority, parts); !done) return tl::unexpected(done.error());
  if (rest.find('#') != std::string_view::npos)
    return base::fail("a # has no meaning here; write %23 for a #");
  const std::size_t question = rest.find('?');
  if (question != std::string_view::npos) {
    if (auto done = split_query(rest.substr(question + 1), parts); !done) return tl::unexpected(done.error());
  }
  if (const std::string_view path = rest.substr(0, question); path.size() > 1) {
    auto database = decoded(path.substr(1));
    if (!database) return tl::unexpected(database.error());
    parts.database = std::move(*database);
  }
  return parts;
}

}  // namespace tlswarden::resource

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace tlswarden::resource {

/// ENGINE://[USER@]HOST[:PORT][/DATABASE][?KEY=VALUE&…] in its parts, percent-decoded (RFC 3986).
struct EndpointUrl {
  std::string scheme;
  std::optional<std::string> user;
  std::string host;  ///< an IPv6 address without its brackets
  std::optional<std::string> port;
  std::optional<std::string> database;
  std::vector<std::pair<std::string, std::string>> query;  ///< in the order given
};

/// Splits `url`. An Error never repeats what may be a password; one in the URL is an Error.
base::Result<EndpointUrl> split_url(std::string_view url);

/// `url` as far as it may be shown: scheme, host and port.
std::string shown_url(std::string_view url);

}  // namespace tlswarden::resource

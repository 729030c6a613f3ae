#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tlswarden::base {

/// Text that a peer sent, made fit to be shown: valid UTF-8, control characters and invalid bytes escaped as
/// \xNN, at most `limit` bytes (then ended by an ellipsis), surrounding white space removed.
std::string printable(std::string_view untrusted, std::size_t limit = 400);

std::string lower_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string_view trimmed(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
/// `text` as one segment of a path or one value of a query in a URL: all but the unreserved characters are
/// written as %XX (RFC 3986, sections 2.1 and 2.3).
std::string percent_encoded(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace tlswarden::base

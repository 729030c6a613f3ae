#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tlswarden::serve {

/// Whether a client takes gzip, by its header Accept-Encoding (RFC 9110 section 12.5.3).
bool accepts_gzip(std::string_view accept_encoding);

/// `text` in gzip's format, at the level that is fastest: pages of metrics shrink to a twentieth anyway.
/// Nothing when it is too large or memory is short.
std::optional<std::string> gzip(std::string_view text);

}  // namespace tlswarden::serve

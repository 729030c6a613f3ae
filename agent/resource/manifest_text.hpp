#pragma once

#include <string_view>

namespace tlswarden::resource {

/// The first line (1-based) that holds a control character which YAML does not allow (YAML 1.2, section 5.1);
/// 0 if there is none.
int line_with_control_character(std::string_view text);

/// The first line (1-based) whose bytes are not well-formed UTF-8 (RFC 3629); 0 if there is none.
int line_with_broken_utf8(std::string_view text);

}  // namespace tlswarden::resource

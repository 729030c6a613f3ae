#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tlswarden::pki {

/// What is wrong with the lines of one PEM block (RFC 7468: BEGIN and END stand on lines of their own, which
/// begin with the dashes) and, behind a semicolon, what to do. Nothing where they are in order. This is what
/// becomes of a file that went through an environment variable, a YAML block or `cat`; clients refuse it too.
std::optional<std::string> layout_fault(std::string_view block);

/// The same for the first block of `text` that has a fault.
std::optional<std::string> first_layout_fault(std::string_view text);

}  // namespace tlswarden::pki

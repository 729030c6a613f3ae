#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::sqlserver {

/// What an ERROR token says (MS-TDS section 2.2.7.10).
struct ServerError {
  std::int32_t number = 0;
  std::string text;  ///< the server's words, raw, at most 2 KiB
};

/// The error that a reply begins with; none when it begins with anything else.
std::optional<ServerError> parse_error(base::ByteView reply);

/// What the error means for someone who runs a check: its cause and one sentence of ours.
probe::Failure describe_error(probe::Stage stage, const ServerError& error);

}  // namespace tlswarden::drivers::sqlserver

#pragma once

#include <iosfwd>
#include <string_view>

#include "kube/api_error.hpp"

/// How a verb against a cluster tells that it failed: in kubectl's words, which scripts look for, then a line
/// with what to do where we know it.
namespace tlswarden::cli {

/// kubectl's exit code for whatever went wrong.
inline constexpr int kExitFailed = 1;

/// `Error from server (NotFound): …`, `Unable to connect to the server: …`. Returns kExitFailed.
int server_error(std::ostream& err, const kube::ApiError& error);
/// `error: …`, for what went wrong on this side. Returns kExitFailed.
int local_error(std::ostream& err, std::string_view message);

}  // namespace tlswarden::cli

#pragma once

#include <spdlog/spdlog.h>

#include <string>

#include "base/result.hpp"

namespace tlswarden::base {

enum class LogFormat { kText, kJson };

/// Sets the process-wide logger, which writes to standard error. `level` is one of trace, debug, info, warn,
/// error. Call once, before any thread starts; then log through spdlog's own functions from any thread. Text
/// from a peer goes through base::printable first.
Result<void> configure_log(LogFormat format, const std::string& level);

}  // namespace tlswarden::base

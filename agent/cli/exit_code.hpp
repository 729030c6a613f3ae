#pragma once

#include <span>
#include <string_view>

#include "verdict/judge.hpp"

namespace tlswarden::cli {

/// Exit codes as monitoring systems read them (Nagios plug-in guidelines): 0 OK, 1 WARNING, 2 CRITICAL, 3
/// UNKNOWN.
inline constexpr int kExitOk = 0;
inline constexpr int kExitWarning = 1;
inline constexpr int kExitCritical = 2;
/// Also for a command line or manifests that cannot be understood.
inline constexpr int kExitUnknown = 3;

int exit_code(verdict::Severity severity);
std::string_view to_string(verdict::Severity severity);  ///< "OK", "WARNING", "CRITICAL", "UNKNOWN"

/// The worst of them, what is certainly broken before what could not be told: CRITICAL, UNKNOWN, WARNING, OK.
/// OK when there are none.
verdict::Severity worst(std::span<const verdict::Severity> severities);

}  // namespace tlswarden::cli

#include "cli/exit_code.hpp"

#include <algorithm>

namespace tlswarden::cli {
namespace {

using verdict::Severity;

int rank(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return 0;
    case Severity::kWarning:
      return 1;
    case Severity::kUnknown:
      return 2;
    case Severity::kCritical:
      return 3;
  }
  return 2;
}

}  // namespace

int exit_code(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return kExitOk;
    case Severity::kWarning:
      return kExitWarning;
    case Severity::kCritical:
      return kExitCritical;
    case Severity::kUnknown:
      return kExitUnknown;
  }
  return kExitUnknown;
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return "OK";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kCritical:
      return "CRITICAL";
    case Severity::kUnknown:
      return "UNKNOWN";
  }
  return "UNKNOWN";
}

Severity worst(std::span<const Severity> severities) {
  const auto found = std::max_element(severities.begin(), severities.end(),
                                      [](Severity a, Severity b) { return rank(a) < rank(b); });
  return found == severities.end() ? Severity::kOk : *found;
}

}  // namespace tlswarden::cli

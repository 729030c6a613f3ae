#include "resource/manifest_report.hpp"

#include <utility>

namespace tlswarden::resource {
namespace {

/// Per file. A file with more is broken as a whole, and each message costs memory.
constexpr std::size_t kMostDiagnostics = 1000;

}  // namespace

bool Report::full() const {
  return diagnostics_.size() >= kMostDiagnostics;
}

bool Report::has_error_within(const FieldPath& path) const {
  const std::string whole = path.text();
  for (const char separator : {'.', '['}) {
    const std::string start = whole + separator;
    const auto found = failed_fields_.lower_bound(start);
    if (found != failed_fields_.end() && found->starts_with(start)) return true;
  }
  return false;
}

void Report::add(Diagnostic::Severity severity, int line, const FieldPath& path, std::string message) {
  if (diagnostics_.size() > kMostDiagnostics) return;
  if (full()) {
    diagnostics_.push_back(
        {Diagnostic::Severity::kError,
         file_,
         line,
         {},
         "there are more than " + std::to_string(kMostDiagnostics) + " errors; correct these first"});
    return;
  }
  diagnostics_.push_back({severity, file_, line, document_.prefix.join(path).text(), std::move(message)});
}

void Report::error_at(int line, const FieldPath& path, std::string message) {
  failed_fields_.insert(path.text());
  add(Diagnostic::Severity::kError, line, path, std::move(message));
}

void Report::error(const FieldPath& path, std::string message) {
  error_at(line(path), path, std::move(message));
}

void Report::warning(const FieldPath& path, std::string message) {
  add(Diagnostic::Severity::kWarning, line(path), path, std::move(message));
}

}  // namespace tlswarden::resource

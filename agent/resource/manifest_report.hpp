#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "resource/manifest.hpp"
#include "resource/manifest_yaml.hpp"

namespace tlswarden::resource {

/// A document, or one item of a List: the value, its lines, and where it stands within its document.
struct DocumentView {
  const nlohmann::ordered_json& value;
  const Marks& marks;
  FieldPath prefix;
};

/// Collects what is wrong with one document, with file and line. Refers to its arguments; used by one thread.
class Report {
 public:
  Report(const std::string& file, const DocumentView& document, std::vector<Diagnostic>& diagnostics)
      : file_(file), document_(document), diagnostics_(diagnostics) {}

  void error(const FieldPath& path, std::string message);
  void warning(const FieldPath& path, std::string message);
  /// An error whose line is known better than by its path: a field that is given twice.
  void error_at(int line, const FieldPath& path, std::string message);
  /// Whether an error at exactly this field was reported: one message about a field is enough.
  bool has_error(const FieldPath& path) const { return failed_fields_.contains(path.text()); }
  /// Whether an error was reported at a field directly or indirectly within this one.
  bool has_error_within(const FieldPath& path) const;
  bool failed() const { return silently_failed_ || !failed_fields_.empty(); }
  /// Counts the document as broken without a message: another report has told.
  void fail_silently() { silently_failed_ = true; }
  /// Whether so much was reported that looking for more serves nobody.
  bool full() const;
  int line(const FieldPath& path) const { return line_of(document_.value, document_.marks, path); }

 private:
  void add(Diagnostic::Severity severity, int line, const FieldPath& path, std::string message);

  const std::string& file_;
  const DocumentView& document_;
  std::vector<Diagnostic>& diagnostics_;
  std::set<std::string> failed_fields_;
  bool silently_failed_ = false;
};

}  // namespace tlswarden::resource

#include "cli/diagnostics.hpp"

#include <ostream>

#include "cli/exit_code.hpp"

namespace tlswarden::cli {

void print_diagnostics(std::ostream& out, std::span<const resource::Diagnostic> diagnostics) {
  for (const resource::Diagnostic& diagnostic : diagnostics) {
    const bool warning = diagnostic.severity == resource::Diagnostic::Severity::kWarning;
    out << (warning ? "warning: " : "error: ") << diagnostic.text() << '\n';
  }
}

int usage_error(std::ostream& out, std::string_view verb, std::string_view message) {
  out << "error: " << message << "\nRun `tlswarden " << verb << (verb.empty() ? "" : " ")
      << "--help` for what is accepted.\n";
  return kExitUnknown;
}

resource::Diagnostic diagnostic_of(const resource::Manifest::Located& located,
                                   const pki::MaterialProblem& problem) {
  return {resource::Diagnostic::Severity::kError, located.file, located.line, problem.field,
          located.endpoint.metadata.name + ": " + problem.message};
}

}  // namespace tlswarden::cli

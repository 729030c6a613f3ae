#include "resource/manifest.hpp"

#include <algorithm>

#include "resource/manifest_documents.hpp"
#include "resource/manifest_yaml.hpp"

namespace tlswarden::resource {

std::string Diagnostic::text() const {
  std::string text = file;
  if (line > 0) text += (text.empty() ? "line " : ":") + std::to_string(line);
  if (!field.empty()) text += (text.empty() ? "" : ": ") + field;
  return text + (text.empty() ? "" : ": ") + message;
}

bool Manifest::has_errors() const {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Diagnostic::Severity::kError;
  });
}

Manifest parse_manifest(std::string_view text, const std::string& file, const ManifestLimits& limits,
                        const ManifestUse& use) {
  Manifest manifest;
  const YamlText yaml = read_yaml(text, limits);
  for (const YamlProblem& error : yaml.errors) {
    manifest.diagnostics.push_back({Diagnostic::Severity::kError, file, error.line, {}, error.message});
  }
  for (const YamlDocument& document : yaml.documents)
    read_document(document, file, use, manifest);
  std::stable_sort(manifest.diagnostics.begin(), manifest.diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
  return manifest;
}

}  // namespace tlswarden::resource

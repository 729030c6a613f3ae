#include "cli/cluster_manifests.hpp"

#include <algorithm>
#include <utility>

#include "cli/diagnostics.hpp"
#include "cli/manifest_loader.hpp"
#include "resource/manifest_references.hpp"

namespace tlswarden::cli {
namespace {

using resource::DeclaredDocument;
using resource::Diagnostic;
using resource::Manifest;

/// A document that names a namespace is not to end up in another, nor is the flag to be ignored.
void check_namespaces(Manifest& manifest, const std::string& ns) {
  for (const DeclaredDocument& document : manifest.declared) {
    if (ns.empty() || document.ns == ns) continue;
    manifest.diagnostics.push_back(
        {Diagnostic::Severity::kError, document.file, document.line, "metadata.namespace",
         "the document names the namespace " + document.ns + ", the command line " + ns +
             "; pass --namespace=" + document.ns + ", or leave it out"});
  }
}

/// What the schema allows and the server takes, but no agent in a cluster can follow.
void warn_of_variables(Manifest& manifest) {
  for (const Manifest::Located& located : manifest.endpoints) {
    resource::for_each_reference(located.endpoint.spec, [&](const std::string& field, const auto& reference) {
      if (reference.kind != resource::Reference::Kind::kEnv) return;
      const auto line = located.lines.find(field);
      manifest.diagnostics.push_back(
          {Diagnostic::Severity::kWarning, located.file,
           line == located.lines.end() ? located.line : line->second, field,
           "an agent in a cluster reads no environment variable; use secretKeyRef or configMapKeyRef"});
    });
  }
}

}  // namespace

void add_filename_flags(CLI::App& verb, std::vector<std::string>& files, bool& recursive) {
  verb.add_option("-f,--filename", files, "A manifest, a directory of them, or - for standard input")
      ->allow_extra_args(false)
      ->type_name("FILE|DIR|-");
  verb.add_flag("-R,--recursive", recursive, "Look into the directories below a directory too");
}

base::Result<std::vector<DeclaredDocument>> read_for_cluster(const ClusterManifests& wanted,
                                                             const Surroundings& surroundings) {
  Manifest manifest = load_for_cluster(
      wanted.files, surroundings.input,
      {.use = {.keep = wanted.keep,
               .default_namespace = wanted.ns.empty() ? wanted.default_namespace : wanted.ns},
       .recursive = wanted.recursive});
  check_namespaces(manifest, wanted.ns);
  warn_of_variables(manifest);
  print_diagnostics(surroundings.err, manifest.diagnostics);
  const auto errors = std::count_if(
      manifest.diagnostics.begin(), manifest.diagnostics.end(),
      [](const Diagnostic& diagnostic) { return diagnostic.severity == Diagnostic::Severity::kError; });
  if (errors > 0)
    return base::fail("correct " + std::string(errors == 1 ? "the error" : "the errors") + " above first");
  return std::move(manifest.declared);
}

}  // namespace tlswarden::cli

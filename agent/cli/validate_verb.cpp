#include "cli/validate_verb.hpp"

#include <algorithm>
#include <ostream>

#include "cli/diagnostics.hpp"
#include "cli/exit_code.hpp"
#include "cli/manifest_loader.hpp"
#include "store/reference_resolver.hpp"

namespace tlswarden::cli {
namespace {

using resource::Diagnostic;
using resource::Manifest;

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// Everything that is wrong with one endpoint beyond the schema.
std::vector<Diagnostic> examine(const Manifest::Located& located, store::ReferenceResolver& resolver,
                                const probe::DriverRegistry& drivers) {
  std::vector<Diagnostic> found;
  for (const pki::MaterialProblem& problem : resolver.resolve(located.endpoint).material.problems) {
    found.push_back(diagnostic_of(located, problem));
  }
  const auto warn = [&](std::string field, std::string message) {
    found.push_back({Diagnostic::Severity::kWarning, located.file, located.line, std::move(field),
                     located.endpoint.metadata.name + ": " + std::move(message)});
  };
  const resource::EndpointSpec& spec = located.endpoint.spec;
  if (drivers.find(spec.engine) == nullptr) {
    warn("spec.engine", "this build has no driver for " + resource::engine_facts(spec.engine).title +
                            "; the endpoint cannot be checked with it");
  }
  return found;
}

}  // namespace

CLI::App* add_validate_verb(CLI::App& app, ValidateOptions& options) {
  CLI::App* verb =
      app.add_subcommand("validate", "Report everything wrong with manifests and what they refer to");
  verb->add_option("-f,--filename", options.files, "A manifest, a directory of them, or - for standard input")
      ->allow_extra_args(false)
      ->type_name("FILE|DIR|-");
  verb->footer("Touches no network. Exit codes: 0 valid, 2 something is wrong, 3 the command line is wrong.");
  return verb;
}

int run_validate(const ValidateOptions& options, const Surroundings& surroundings) {
  if (options.files.empty()) {
    return usage_error(surroundings.err, "validate", "name what to validate: -f FILE, a directory or -");
  }
  Manifest manifest = load_manifests(options.files, surroundings.input);
  store::ReferenceResolver resolver(store::take_documents(manifest), surroundings.clock);
  std::size_t valid = 0;
  for (const Manifest::Located& located : manifest.endpoints) {
    const std::vector<Diagnostic> found = examine(located, resolver, surroundings.drivers);
    manifest.diagnostics.insert(manifest.diagnostics.end(), found.begin(), found.end());
    valid += std::none_of(found.begin(), found.end(),
                          [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::kError; })
                 ? 1
                 : 0;
  }
  print_diagnostics(surroundings.err, manifest.diagnostics);
  const auto errors = static_cast<std::size_t>(
      std::count_if(manifest.diagnostics.begin(), manifest.diagnostics.end(),
                    [](const Diagnostic& d) { return d.severity == Diagnostic::Severity::kError; }));
  surroundings.out << counted(valid, "endpoint") << " valid"
                   << (errors == 0 ? "" : ", " + counted(errors, "error")) << "\n";
  return errors == 0 ? kExitOk : kExitCritical;
}

}  // namespace tlswarden::cli

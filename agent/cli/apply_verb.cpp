#include "cli/apply_verb.hpp"

#include <algorithm>
#include <ostream>

#include "cli/applier.hpp"
#include "cli/choices.hpp"
#include "cli/cluster_connection.hpp"
#include "cli/cluster_manifests.hpp"
#include "cli/diagnostics.hpp"
#include "cli/object_printer.hpp"
#include "cli/resource_arguments.hpp"
#include "cli/server_error.hpp"

namespace tlswarden::cli {
namespace {

using resource::DeclaredDocument;

/// What kubectl leaves to its reader to find out.
void print_way_out(std::ostream& err, const kube::ApiError& error, const ClusterObject& object) {
  if (error.conflict()) {
    err << "These fields of " << shown_name(object)
        << " belong to another manager. Take them over with --force-conflicts, or take them out of the "
           "manifest, or give them the values that they have.\n";
  } else if (error.not_found() && error.peer_text.find("namespaces \"") != std::string::npos) {
    err << "Create the namespace with: kubectl create namespace " << object.ns << "\n";
  }
}

int apply_all(Applier& applier, const std::vector<DeclaredDocument>& documents, ObjectPrinter& printer,
              const ApplyOptions& options, const Surroundings& surroundings) {
  int code = 0;
  for (const DeclaredDocument& document : documents) {
    const ClusterObject object = cluster_object(document);
    const auto applied = applier.apply(document);
    if (applied) {
      const auto mark = dry_run_mark(parse_dry_run(options.dry_run));
      printer.print(object, std::string(to_string(applied->change)) + std::string(mark), applied->object);
      continue;
    }
    code = server_error(surroundings.err, applied.error());
    print_way_out(surroundings.err, applied.error(), object);
    if (concerns_all(applied.error())) break;
  }
  return code;
}

}  // namespace

CLI::App* add_apply_verb(CLI::App& app, ApplyOptions& options) {
  CLI::App* verb = app.add_subcommand("apply", "Bring what manifests declare into a cluster");
  add_filename_flags(*verb, options.files, options.recursive);
  add_namespace_flag(*verb, options.ns);
  verb->add_option("--dry-run", options.dry_run,
                   "none; client: send nothing; server: ask the server what it would do")
      ->check(one_of({"none", "client", "server"}))
      ->take_last()
      ->type_name("MODE");
  verb->add_flag("--server-side", options.server_side, "It always is; for kubectl's command lines");
  verb->add_flag("--force-conflicts", options.force_conflicts, "Take fields that other managers own");
  verb->add_flag("--prune", options.prune, "Not supported: use tlswarden delete");
  verb->add_option("-o,--output", options.output, "name, yaml or json: the objects as they are now")
      ->check(one_of({"name", "yaml", "json"}))
      ->take_last()
      ->type_name("FORMAT");
  add_cluster_flags(*verb, options.cluster);
  verb->footer(
      "Reads DatabaseEndpoints, Secrets and ConfigMaps, and sends nothing as long as any document has an "
      "error.\nExit codes: 0 all applied, 1 something was not, 3 the command line is wrong.\n\n"
      "Examples:\n"
      "  tlswarden apply -f manifests/ -n payments\n"
      "  tlswarden apply -f orders.yaml --dry-run=server");
  return verb;
}

int run_apply(const ApplyOptions& options, const Surroundings& surroundings) {
  if (options.files.empty())
    return usage_error(surroundings.err, "apply", "name what to apply: -f FILE, a directory or -");
  if (!options.server_side)
    return usage_error(surroundings.err, "apply",
                       "every apply here is a server-side one; leave --server-side out");
  if (options.prune) {
    return usage_error(surroundings.err, "apply",
                       "--prune is not supported; delete what is no longer declared with tlswarden delete");
  }
  const auto connection = ClusterConnection::open(options.cluster, surroundings.err);
  if (!connection) return local_error(surroundings.err, connection.error().message);
  auto documents = read_for_cluster({.files = options.files,
                                     .recursive = options.recursive,
                                     .ns = options.ns,
                                     .default_namespace = (*connection)->default_namespace(),
                                     .keep = resource::ManifestUse::Keep::kDocuments},
                                    surroundings);
  if (!documents) return local_error(surroundings.err, "nothing was sent; " + documents.error().message);
  std::stable_partition(documents->begin(), documents->end(),
                        [](const DeclaredDocument& document) { return document.kind != resource::kKind; });
  Applier applier((*connection)->client(), parse_dry_run(options.dry_run), options.force_conflicts);
  ObjectPrinter printer(surroundings.out, options.output);
  const int code = apply_all(applier, *documents, printer, options, surroundings);
  printer.finish();
  return code;
}

}  // namespace tlswarden::cli

#include "cli/delete_verb.hpp"

#include <optional>
#include <ostream>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "cli/choices.hpp"
#include "cli/cluster_connection.hpp"
#include "cli/cluster_manifests.hpp"
#include "cli/deleter.hpp"
#include "cli/diagnostics.hpp"
#include "cli/endpoint_source.hpp"
#include "cli/server_error.hpp"

namespace tlswarden::cli {
namespace {

/// What is wrong with what was asked for; empty when nothing is.
std::string contradiction(const DeleteOptions& options) {
  const ResourceArguments& resources = options.resources;
  const bool selective = !resources.selector.empty() || !resources.field_selector.empty();
  const bool chosen = options.all || selective || resources.all_namespaces;
  if (!options.files.empty()) {
    return resources.words.empty() && !chosen
               ? ""
               : "-f says what to delete; leave out the names, --all, the selectors and --all-namespaces";
  }
  if (options.all && selective) return "--all and a selector exclude each other; keep one";
  return resources.words.empty() && !chosen
             ? "name what to delete: dbe NAME, -l SELECTOR, --all, or -f FILE, a directory or -"
             : "";
}

/// One call of the verb.
class Deleting {
 public:
  Deleting(const DeleteOptions& options, const Surroundings& surroundings, ClusterConnection& connection)
      : options_(options),
        surroundings_(surroundings),
        connection_(connection),
        dry_run_(parse_dry_run(options.dry_run)),
        deleter_(connection.client(), connection.pause(), connection.cancellation(), connection.clock()) {}

  int run() {
    const auto objects = options_.files.empty() ? named() : declared();
    if (!objects) return objects.error();
    for (const ClusterObject& object : *objects) {
      if (!remove(object)) break;
    }
    if (options_.wait) wait();
    return code_;
  }

 private:
  /// Or the exit code, once the error was told.
  using Objects = base::Result<std::vector<ClusterObject>, int>;

  Objects declared() const {
    const auto documents = read_for_cluster({.files = options_.files,
                                             .recursive = options_.recursive,
                                             .ns = options_.resources.ns,
                                             .default_namespace = connection_.default_namespace(),
                                             .keep = resource::ManifestUse::Keep::kNames},
                                            surroundings_);
    if (!documents) {
      return tl::unexpected(
          local_error(surroundings_.err, "nothing was deleted; " + documents.error().message));
    }
    std::vector<ClusterObject> objects;
    for (const resource::DeclaredDocument& document : *documents)
      objects.push_back(cluster_object(document));
    return objects;
  }

  Objects named() {
    const auto choice = choose_resources(options_.resources, connection_.default_namespace());
    if (!choice) return misused(choice.error().message);
    if (!choice->names.empty() && options_.all)
      return misused("--all is said beside names; leave out one of them");
    if (choice->names.empty() && !choice->selective() && !options_.all)
      return misused("no name is given; name the endpoints, or choose them with -l SELECTOR or --all");
    if (choice->names.empty()) return listed(*choice);
    std::vector<ClusterObject> objects;
    for (const std::string& name : choice->names)
      objects.push_back({resource::kKind, choice->ns, name});
    return objects;
  }

  Objects misused(const std::string& message) const {
    return tl::unexpected(usage_error(surroundings_.err, "delete", message));
  }

  Objects listed(const ResourceChoice& choice) {
    auto listing = list_endpoints(connection_.client(), query_of(choice, false));
    if (!listing) return tl::unexpected(server_error(surroundings_.err, listing.error()));
    if (listing->items.empty()) surroundings_.out << "No resources found\n";
    std::vector<ClusterObject> objects;
    for (EndpointItem& item : listing->items)
      objects.push_back({resource::kKind, std::move(item.ns), std::move(item.name)});
    return objects;
  }

  /// False when the others cannot be deleted either.
  bool remove(const ClusterObject& object) {
    if (dry_run_ != DryRun::kClient) {
      auto begun = deleter_.begin(object, dry_run_ == DryRun::kServer);
      if (!begun) return bear(begun.error());
      if (dry_run_ == DryRun::kNone) begun_.push_back(std::move(*begun));
    }
    if (options_.output == "name") {
      surroundings_.out << shown_name(object) << '\n';
    } else {
      surroundings_.out << shown_kind(object.kind) << " \"" << base::printable(object.name)
                        << "\" deleted from " << base::printable(object.ns) << " namespace"
                        << dry_run_mark(dry_run_) << '\n';
    }
    // Each line is shown when it is true: waiting may take long.
    surroundings_.out.flush();
    return true;
  }

  bool bear(const kube::ApiError& error) {
    const bool others_too = concerns_all(error);
    // What was chosen by label may be gone by now.
    const bool expected = options_.ignore_not_found || options_.all || !options_.resources.selector.empty() ||
                          !options_.resources.field_selector.empty();
    if (error.not_found() && !others_too && expected) return true;
    code_ = server_error(surroundings_.err, error);
    return !others_too;
  }

  void wait() {
    const auto limit = base::parse_duration(options_.timeout);
    std::optional<base::MonoTime> deadline;
    if (limit && limit->count() > 0) deadline = connection_.clock().monotonic() + *limit;
    for (const Deletion& deletion : begun_) {
      const auto gone = deleter_.wait(deletion, deadline);
      if (!gone) {
        code_ = server_error(surroundings_.err, gone.error());
      } else if (!*gone) {
        code_ = local_error(surroundings_.err, "timed out waiting for the condition on " +
                                                   plural_name(deletion.object) +
                                                   "; something holds it, see its finalizers");
      }
    }
  }

  const DeleteOptions& options_;
  const Surroundings& surroundings_;
  ClusterConnection& connection_;
  const DryRun dry_run_;
  Deleter deleter_;
  std::vector<Deletion> begun_;
  int code_ = 0;
};

}  // namespace

CLI::App* add_delete_verb(CLI::App& app, DeleteOptions& options) {
  CLI::App* verb =
      app.add_subcommand("delete", "Delete endpoints, or what manifests declare, from a cluster");
  add_resource_arguments(*verb, options.resources);
  add_field_selector(*verb, options.resources);
  add_filename_flags(*verb, options.files, options.recursive);
  verb->add_flag("--all", options.all, "All endpoints of the namespace, or of all with -A");
  verb->add_flag("--ignore-not-found", options.ignore_not_found, "What is not there is no failure");
  verb->add_flag("--wait", options.wait, "Return when all is gone; --wait=false: at once")
      ->default_str("true");
  verb->add_option("--timeout", options.timeout, "How long to wait; 0s: without end")
      ->take_last()
      ->type_name("DURATION");
  verb->add_option("--dry-run", options.dry_run,
                   "none; client: send nothing; server: ask the server what it would do")
      ->check(one_of({"none", "client", "server"}))
      ->take_last()
      ->type_name("MODE");
  verb->add_option("-o,--output", options.output, "name: only what was deleted")
      ->check(one_of({"name"}))
      ->take_last()
      ->type_name("FORMAT");
  add_cluster_flags(*verb, options.cluster);
  verb->footer(
      "Exit codes: 0 all deleted, 1 something was not, 3 the command line is wrong.\n\n"
      "Examples:\n"
      "  tlswarden delete dbe orders -n payments\n"
      "  tlswarden delete -f manifests/ --ignore-not-found");
  return verb;
}

int run_delete(const DeleteOptions& options, const Surroundings& surroundings) {
  if (const std::string wrong = contradiction(options); !wrong.empty())
    return usage_error(surroundings.err, "delete", wrong);
  if (const auto limit = base::parse_duration(options.timeout); !limit)
    return usage_error(surroundings.err, "delete", "--timeout: " + limit.error().message);
  const auto connection = ClusterConnection::open(options.cluster, surroundings.err);
  if (!connection) return local_error(surroundings.err, connection.error().message);
  return Deleting(options, surroundings, **connection).run();
}

}  // namespace tlswarden::cli

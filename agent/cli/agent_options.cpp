#include "cli/agent_options.hpp"

#include "cli/choices.hpp"

namespace tlswarden::cli {
namespace {

constexpr const char* kStandalone = "Standalone";
constexpr const char* kCluster = "In a cluster";

void add_standalone_options(CLI::App& verb, StandaloneOptions& options) {
  verb.add_option("--manifests", options.manifests, "Directory of manifests, watched; may be repeated")
      ->type_name("DIR")
      ->group(kStandalone);
  verb.add_option("--state", options.state, "File that keeps statuses over a restart")
      ->capture_default_str()
      ->type_name("FILE")
      ->group(kStandalone);
}

void add_cluster_options(CLI::App& verb, ClusterOptions& options) {
  add_cluster_flags(verb, options.access);
  for (const char* name : {"--kubeconfig", "--context", "--cluster", "--user"})
    verb.get_option(name)->group(kCluster);
  const auto add = [&](const char* name, auto& value, const char* help, const char* type) {
    return verb.add_option(name, value, help)->type_name(type)->group(kCluster);
  };
  add("--namespace", options.namespaces,
      "Namespace whose endpoints are checked; may be repeated; without it all of them", "NAME");
  add("--replicas", options.replicas, "How many agents share the work; one alone keeps no Lease", "N")
      ->check(between(1, 1000))
      ->capture_default_str();
  add("--identity", options.identity, "This replica's name among them; default: POD_NAME, else the host's",
      "NAME");
  add("--lease-namespace", options.lease_namespace,
      "Where their Leases are; default: POD_NAMESPACE, else the account's own", "NAME");
  add("--lease-group", options.lease_group, "Which replicas belong together", "NAME")->capture_default_str();
  add("--allow-files", options.allowed_files,
      "Directory below which endpoints may refer to files of this machine; without it they may not", "DIR");
  add("--max-writes", options.writes_per_second, "Statuses and events written in a second, on average", "N")
      ->check(between(1, 10000))
      ->capture_default_str();
}

void add_common_options(CLI::App& verb, AgentOptions& options) {
  verb.add_option("--listen", options.listen,
                  "Where to serve / /metrics /healthz /livez /readyz; port 0 takes a free one")
      ->capture_default_str()
      ->type_name("HOST:PORT");
  verb.add_option("--expose-label", options.expose_labels,
                  "Label of endpoints that their metrics carry too, for routing alerts; may be repeated")
      ->type_name("KEY");
  verb.add_option("--workers", options.workers,
                  "Threads that check, at most 256; 0 is one per processor, at most 8")
      ->check(between(0, 256))
      ->capture_default_str()
      ->type_name("N");
  verb.add_option("--max-checks", options.max_checks, "Checks under way at once")
      ->check(between(1, 100000))
      ->capture_default_str()
      ->type_name("N");
  verb.add_option("--max-checks-per-host", options.max_checks_per_host, "Of these, on one host")
      ->check(between(1, 100000))
      ->capture_default_str()
      ->type_name("N");
  verb.add_option("--log-format", options.log_format, "text or json")
      ->check(one_of({"text", "json"}))
      ->capture_default_str()
      ->type_name("FORMAT");
  verb.add_option("--log-level", options.log_level, "trace, debug, info, warn, error or off")
      ->capture_default_str()
      ->type_name("LEVEL");
  verb.add_option_function<int>(
          "--grace", [&options](int seconds) { options.grace = base::Seconds(seconds); },
          "Seconds that checks under way get to finish on SIGTERM")
      ->check(between(0, 3600))
      ->default_str(std::to_string(options.grace.count()))
      ->type_name("SECONDS");
}

}  // namespace

void add_agent_options(CLI::App& verb, AgentOptions& options) {
  verb.add_flag("--kubernetes", options.kubernetes,
                "Check the DatabaseEndpoints of a cluster, instead of manifests")
      ->group(kCluster);
  add_standalone_options(verb, options.standalone);
  add_cluster_options(verb, options.cluster);
  add_common_options(verb, options);
}

base::Result<void> check_agent_options(const CLI::App& verb, const AgentOptions& options) {
  if (!options.kubernetes && options.standalone.manifests.empty()) {
    return base::fail(
        "name a directory to watch with --manifests DIR, or the cluster's endpoints with --kubernetes");
  }
  const std::string other = options.kubernetes ? kStandalone : kCluster;
  for (const CLI::Option* option : verb.get_options()) {
    if (option->get_group() != other || option->count() == 0) continue;
    return base::fail(option->get_name() + (options.kubernetes ? " is for an agent without --kubernetes"
                                                               : " is for an agent with --kubernetes"));
  }
  return {};
}

}  // namespace tlswarden::cli

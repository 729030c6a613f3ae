#include "cli/cluster_flags.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "kube/in_cluster.hpp"
#include "kube/kubeconfig.hpp"

namespace tlswarden::cli {
namespace {

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets the environment
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// Whether kubectl would look into a file at all.
bool has_kubeconfig(const kube::KubeconfigPlaces& places) {
  if (!places.explicit_file.empty()) return true;
  if (places.environment && !places.environment->empty()) return true;
  std::error_code error;
  return !places.home.empty() && std::filesystem::exists(places.home + "/.kube/config", error);
}

}  // namespace

void add_cluster_flags(CLI::App& verb, ClusterFlags& flags) {
  verb.add_option("--kubeconfig", flags.kubeconfig, "The kubeconfig, instead of KUBECONFIG or ~/.kube/config")
      ->type_name("FILE");
  verb.add_option("--context", flags.context, "The context in it, instead of the current one")
      ->type_name("NAME");
  verb.add_option("--cluster", flags.cluster, "The cluster in it, instead of the context's")
      ->type_name("NAME");
  verb.add_option("--user", flags.user, "The user in it, instead of the context's")->type_name("NAME");
}

base::Result<kube::ClusterAccess> cluster_access(const ClusterFlags& flags) {
  const kube::KubeconfigPlaces places{flags.kubeconfig, variable("KUBECONFIG"),
                                      variable("HOME").value_or("")};
  const kube::PodSurroundings pod{variable("KUBERNETES_SERVICE_HOST"), variable("KUBERNETES_SERVICE_PORT")};
  if (!has_kubeconfig(places) && kube::in_cluster(pod)) return kube::in_cluster_access(pod);
  return kube::load_kubeconfig(places, {flags.context, flags.cluster, flags.user});
}

}  // namespace tlswarden::cli

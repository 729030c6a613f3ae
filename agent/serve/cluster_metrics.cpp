#include "serve/cluster_metrics.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "serve/gauge_family.hpp"

namespace tlswarden::serve {
namespace {

using prometheus::MetricFamily;

MetricFamily gauge(const char* name, const char* help, std::size_t value) {
  MetricFamily family = gauge_family(name, help);
  add(family, {}, static_cast<double>(value));
  return family;
}

MetricFamily counter(const char* name, const char* help, std::uint64_t value) {
  MetricFamily family{name, help, prometheus::MetricType::Counter, {}};
  family.metric.emplace_back().counter.value = static_cast<double>(value);
  return family;
}

MetricFamily refused_namespaces(const std::map<std::string, bool>& namespaces) {
  MetricFamily family =
      gauge_family("tlswarden_cluster_namespace_refused",
                   "1 where the endpoints of a namespace that is named may not be followed.");
  for (const auto& [ns, refused] : namespaces)
    add(family, {{"namespace", ns}}, refused ? 1 : 0);
  return family;
}

}  // namespace

std::vector<MetricFamily> cluster_metrics(const reconcile::ClusterLoad& load) {
  return {gauge("tlswarden_cluster_members",
                "Replicas that share the endpoints, this one included; 0 while it is cut off.", load.members),
          gauge("tlswarden_cluster_leader", "1 on the replica that does what is done once for all, else 0.",
                load.leads ? 1 : 0),
          gauge("tlswarden_cluster_endpoints",
                "Endpoints in the namespaces that are looked at, whichever replica looks after them.",
                load.endpoints),
          refused_namespaces(load.namespaces),
          gauge("tlswarden_cluster_pending_status_writes", "Statuses that have not reached the cluster yet.",
                load.pending_writes),
          gauge("tlswarden_cluster_references", "Secrets and ConfigMaps that are followed.", load.references),
          counter("tlswarden_cluster_lists_total", "Lists of objects that were asked for.", load.lists),
          counter("tlswarden_cluster_watches_total", "Watches that were begun.", load.watches),
          counter("tlswarden_cluster_watch_failures_total", "Lists and watches that failed.",
                  load.watch_failures)};
}

}  // namespace tlswarden::serve

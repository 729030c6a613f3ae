#include "cli/cluster_home.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "store/documents.hpp"

namespace tlswarden::cli {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets the environment
  return value == nullptr ? std::string() : std::string(value);
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

std::string first_of(std::initializer_list<std::string> candidates) {
  for (const std::string& candidate : candidates) {
    if (!candidate.empty()) return candidate;
  }
  return {};
}

kube::ApiClientOptions client_options(kube::WriteBudget* writes, reconcile::MetricsSink& metrics,
                                      kube::DistinctWarnings& warnings) {
  return {
      .user_agent = kube::user_agent(TLSWARDEN_VERSION),
      .writes = writes,
      .observer = [&metrics](kube::Verb verb, int code) { metrics.api_request(kube::to_string(verb), code); },
      .warned = [&warnings](const std::string& text) { warnings.take(text); }};
}

}  // namespace

base::Result<ClusterHome::Place> ClusterHome::place_of(const ClusterOptions& options) {
  auto access = cluster_access(options.access);
  if (!access) return base::fail(access.error().message);
  Place place{std::move(*access), first_of({options.identity, variable("POD_NAME"), host_name()}), {}, {}};
  place.lease_namespace = first_of({options.lease_namespace, variable("POD_NAMESPACE"), place.access.ns});
  // A Lease of another namespace would be taken for one whose pod is gone.
  if (place.lease_namespace == variable("POD_NAMESPACE"))
    place.pod = {variable("POD_NAME"), variable("POD_UID")};
  if (place.identity.empty()) {
    return base::fail("this replica has no name; give it one with --identity, or set POD_NAME");
  }
  if (options.replicas > 1 && place.lease_namespace.empty()) {
    return base::fail(
        "it is not known where the replicas' Leases belong; say so with --lease-namespace, or set "
        "POD_NAMESPACE");
  }
  return place;
}

base::Result<std::unique_ptr<AgentHome>> ClusterHome::open(const ClusterOptions& options,
                                                           const base::Clock& clock, base::Random& random,
                                                           reconcile::MetricsSink& metrics) {
  const auto place = place_of(options);
  if (!place) return base::fail(place.error().message);
  spdlog::info("checking the endpoints of {} at {} ({})",
               options.namespaces.empty() ? "all namespaces" : base::join(options.namespaces, ", "),
               kube::to_string(place->access.server), place->access.origin);
  return std::unique_ptr<AgentHome>(new ClusterHome(options, *place, clock, random, metrics));
}

ClusterHome::ClusterHome(const ClusterOptions& options, const Place& place, const base::Clock& clock,
                         base::Random& random, reconcile::MetricsSink& metrics)
    : writes_(clock, options.writes_per_second, 2 * options.writes_per_second),
      warnings_([](const std::string& text) { spdlog::info("the API server warns: {}", text); }),
      client_(place.access, client_options(&writes_, metrics, warnings_), clock, pause_, cancellation_),
      lease_client_(place.access, client_options(nullptr, metrics, warnings_), clock, pause_, cancellation_),
      resolver_(nullptr, clock),
      membership_(options.replicas == 1
                      ? nullptr
                      : std::make_unique<kube::Membership>(
                            kube::Membership::Services{lease_client_, clock, random, pause_, cancellation_},
                            kube::MembershipOptions{.ns = place.lease_namespace,
                                                    .group = options.lease_group,
                                                    .identity = place.identity,
                                                    .pod = place.pod})),
      references_({client_, clock, random, pause_, cancellation_}, {}),
      events_({client_, clock, random, pause_, cancellation_}, {.instance = place.identity}),
      store_({client_, references_,
              membership_ ? static_cast<reconcile::Ownership&>(*membership_)
                          : static_cast<reconcile::Ownership&>(alone_),
              metrics, events_, clock, random, pause_, cancellation_},
             {.namespaces = options.namespaces,
              .watch_list = true,
              .contents_changed = [this,
                                   files = options.allowed_files](const kube::ObjectContentsPtr& contents) {
                resolver_.replace(store::documents_of(contents, {.in_cluster = true, .files = files}));
              }}) {}

ClusterHome::~ClusterHome() {
  stop_watching();
  finish(std::chrono::seconds(0));
}

void ClusterHome::published(const reconcile::EndpointSet& set) {
  std::set<std::string> uids;
  for (const auto& [key, endpoint] : set.endpoints)
    uids.insert(endpoint->metadata.uid);
  resolver_.retain(uids);
}

void ClusterHome::reread() {
  spdlog::info("SIGHUP: the cluster is watched all the time, there is nothing to read again");
}

void ClusterHome::stop_watching() {
  store_.stop();
  references_.stop();
}

void ClusterHome::finish(std::chrono::nanoseconds grace) {
  if (const std::size_t left = store_.flush(grace); left > 0) {
    spdlog::warn("{} status(es) could not be written in time; whoever checks these endpoints next will",
                 left);
  }
  events_.stop(grace);
  if (membership_) membership_->leave();
  cancellation_.cancel();
}

std::optional<serve::Metrics::ClusterView> ClusterHome::cluster() const {
  reconcile::ClusterLoad load = store_.load_now();
  if (membership_) {
    load.members = membership_->members().size();
    load.leads = membership_->leads();
    const kube::ReflectorHealth leases = membership_->watch_health();
    load.lists += leases.lists;
    load.watches += leases.watches;
    load.watch_failures += leases.failures;
    if (load.problem.empty()) load.problem = leases.problem;
  }
  return serve::Metrics::ClusterView{load, store_};
}

}  // namespace tlswarden::cli

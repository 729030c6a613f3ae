#pragma once

#include <memory>

#include "base/random.hpp"
#include "base/result.hpp"
#include "cli/agent_home.hpp"
#include "cli/agent_options.hpp"
#include "kube/api_client.hpp"
#include "kube/cluster_store.hpp"
#include "kube/event_recorder.hpp"
#include "kube/membership.hpp"
#include "kube/reference_follower.hpp"
#include "kube/server_warnings.hpp"
#include "kube/write_budget.hpp"
#include "reconcile/metrics_sink.hpp"
#include "store/reference_resolver.hpp"

namespace tlswarden::cli {

/// The DatabaseEndpoints of a cluster, of which this agent takes its share. A server that is out of reach is
/// waited for.
class ClusterHome final : public AgentHome {
 public:
  /// All but the options must outlive it. Error: the options or the kubeconfig give no access, or the place
  /// of the Leases is not known.
  static base::Result<std::unique_ptr<AgentHome>> open(const ClusterOptions& options,
                                                       const base::Clock& clock, base::Random& random,
                                                       reconcile::MetricsSink& metrics);
  ~ClusterHome() override;

  reconcile::Store& store() override { return store_; }
  reconcile::MaterialSource& materials() override { return resolver_; }
  reconcile::EventSink& events() override { return events_; }
  void published(const reconcile::EndpointSet& set) override;
  void reread() override;
  void stop_watching() override;
  void finish(std::chrono::nanoseconds grace) override;
  std::optional<serve::Metrics::ClusterView> cluster() const override;

 private:
  /// The options with what the pod says of itself filled in.
  struct Place {
    kube::ClusterAccess access;
    std::string identity, lease_namespace;
    kube::MemberPod pod = {};
  };
  static base::Result<Place> place_of(const ClusterOptions& options);
  ClusterHome(const ClusterOptions& options, const Place& place, const base::Clock& clock,
              base::Random& random, reconcile::MetricsSink& metrics);

  kube::Cancellation cancellation_;
  kube::SystemPause pause_;
  kube::WriteBudget writes_;
  kube::DistinctWarnings warnings_;
  kube::ApiClient client_;
  kube::ApiClient lease_client_;  ///< a Lease is renewed whatever the statuses have to wait for
  store::ReferenceResolver resolver_;
  std::unique_ptr<kube::Membership> membership_;  ///< null: this replica is alone
  reconcile::SoleOwner alone_;
  kube::ReferenceFollower references_;
  kube::EventRecorder events_;
  kube::ClusterStore store_;
};

}  // namespace tlswarden::cli

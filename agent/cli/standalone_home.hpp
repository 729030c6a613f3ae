#pragma once

#include <memory>

#include "base/result.hpp"
#include "cli/agent_home.hpp"
#include "cli/agent_options.hpp"
#include "reconcile/event_log.hpp"
#include "reconcile/metrics_sink.hpp"
#include "store/embedded_store.hpp"
#include "store/reference_resolver.hpp"

namespace tlswarden::cli {

/// Manifests in watched directories, and a state file beside them.
class StandaloneHome final : public AgentHome {
 public:
  /// `clock` and `metrics` must outlive it. Error: a directory or the state file is unusable.
  static base::Result<std::unique_ptr<AgentHome>> open(const StandaloneOptions& options,
                                                       const base::Clock& clock,
                                                       reconcile::MetricsSink& metrics);

  reconcile::Store& store() override { return *store_; }
  reconcile::MaterialSource& materials() override { return resolver_; }
  reconcile::EventSink& events() override { return events_; }
  /// The embedded store sees to that itself.
  void published(const reconcile::EndpointSet&) override {}
  void reread() override;
  void stop_watching() override { store_->stop(); }
  void finish(std::chrono::nanoseconds) override {}
  std::optional<serve::Metrics::ClusterView> cluster() const override { return std::nullopt; }

 private:
  explicit StandaloneHome(const base::Clock& clock) : resolver_(nullptr, clock) {}

  reconcile::EventLog events_;
  store::ReferenceResolver resolver_;
  std::unique_ptr<store::EmbeddedStore> store_;
};

}  // namespace tlswarden::cli

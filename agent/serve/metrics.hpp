#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "reconcile/board.hpp"
#include "reconcile/cluster_load.hpp"
#include "reconcile/metrics_sink.hpp"
#include "reconcile/stored_certificates.hpp"
#include "reconcile/worker.hpp"
#include "serve/exposed_labels.hpp"
#include "serve/metric_text.hpp"

namespace tlswarden::serve {

/// Counts the work and writes the metrics page. Safe from any thread.
class Metrics final : public reconcile::MetricsSink {
 public:
  /// `clock` and `board` must outlive it; `version` is this program's.
  Metrics(const base::Clock& clock, const reconcile::Board& board, const std::string& version,
          ExposedLabels exposed = {});

  void check_finished(const reconcile::CheckMeasure& measure) override;
  void check_started(std::chrono::nanoseconds lag) override;
  void status_saved(bool kept) override;
  void manifests_read(bool flawless) override;
  void api_request(std::string_view method, int code) override;

  /// What a replica in a cluster has to tell besides.
  struct ClusterView {
    reconcile::ClusterLoad load;
    const reconcile::FleetSource& fleet;
  };
  /// Writes the page in Prometheus' text format 0.0.4; `load` is what the workers have before them now. In a
  /// cluster the board holds what this replica owns; the certificates that many endpoints share are told of
  /// by the leader alone, for the whole fleet; but what no status tells (untold_certificate_metrics) by each
  /// replica of its own.
  void write(const reconcile::Load& load, const ClusterView* cluster, const TextSink& sink) const;
  /// The same in one piece, of which there are four kilobytes for each endpoint.
  std::string page(const reconcile::Load& load, const ClusterView* cluster = nullptr) const;

 private:
  using Families = std::vector<prometheus::MetricFamily>;
  Families certificates(const std::vector<reconcile::EndpointViewPtr>& views,
                        const ClusterView* cluster) const;

  using Counters = prometheus::Family<prometheus::Counter>;
  using Gauges = prometheus::Family<prometheus::Gauge>;
  using Histograms = prometheus::Family<prometheus::Histogram>;

  const base::Clock& clock_;
  const reconcile::Board& board_;
  const ExposedLabels exposed_;
  prometheus::Registry registry_;
  Counters& checks_;
  Histograms& durations_;
  prometheus::Histogram& lags_;
  Counters& writes_;
  Counters& api_requests_;
  Gauges& reload_successful_;  ///< without a series until there is something to say
  Gauges& reload_time_;
  mutable std::mutex fleet_mutex_;
  mutable reconcile::StoredCertificates fleet_;  ///< what the leader knows of other replicas' endpoints
};

}  // namespace tlswarden::serve

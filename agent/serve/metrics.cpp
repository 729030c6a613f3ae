#include "serve/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "serve/cluster_metrics.hpp"
#include "serve/endpoint_metrics.hpp"
#include "serve/gauge_family.hpp"
#include "serve/shared_certificates.hpp"

namespace tlswarden::serve {
namespace {

/// Seconds. A stage may take from a loopback connect to a whole timeout.
prometheus::Histogram::BucketBoundaries buckets() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

double seconds(std::chrono::nanoseconds span) {
  return std::chrono::duration<double>(span).count();
}

template <class Builder>
auto& family(prometheus::Registry& registry, Builder builder, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

prometheus::MetricFamily gauge(const char* name, const char* help, double value) {
  prometheus::MetricFamily family = gauge_family(name, help);
  add(family, {}, value);
  return family;
}

/// The registry keeps series in no particular order; a page that is read or compared should have one.
void sort_series(std::vector<prometheus::MetricFamily>& families) {
  for (prometheus::MetricFamily& family : families) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
  }
}

void append(std::vector<prometheus::MetricFamily>& page, std::vector<prometheus::MetricFamily> more) {
  page.insert(page.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// Those of the fleet that are not among `views`. Both are sorted by key.
std::vector<reconcile::StoredEndpoint> others(std::vector<reconcile::StoredEndpoint> fleet,
                                              const std::vector<reconcile::EndpointViewPtr>& views) {
  auto own = views.begin();
  const auto is_own = [&](const reconcile::StoredEndpoint& stored) {
    const std::string key = stored.endpoint->key();
    while (own != views.end() && (*own)->endpoint->key() < key)
      ++own;
    return own != views.end() && (*own)->endpoint->key() == key;
  };
  std::vector<reconcile::StoredEndpoint> rest;
  for (reconcile::StoredEndpoint& stored : fleet) {
    if (!is_own(stored)) rest.push_back(std::move(stored));
  }
  return rest;
}

/// How late the oldest check is that should have begun.
double seconds_behind(const reconcile::Load& load, base::MonoTime now) {
  return load.next_due && *load.next_due < now ? seconds(now - *load.next_due) : 0;
}

}  // namespace

Metrics::Metrics(const base::Clock& clock, const reconcile::Board& board, const std::string& version,
                 ExposedLabels exposed)
    : clock_(clock),
      board_(board),
      exposed_(std::move(exposed)),
      checks_(family(registry_, prometheus::BuildCounter(), "tlswarden_checks_total",
                     "Checks that came to their end, with the reason of the Ready condition.")),
      durations_(family(registry_, prometheus::BuildHistogram(), "tlswarden_check_duration_seconds",
                        "How long checks take, by stage; the stage total is the whole check.")),
      lags_(family(registry_, prometheus::BuildHistogram(), "tlswarden_check_start_delay_seconds",
                   "How long after they were due checks began.")
                .Add({}, buckets())),
      writes_(family(registry_, prometheus::BuildCounter(), "tlswarden_store_writes_total",
                     "Attempts to save a status.")),
      api_requests_(family(registry_, prometheus::BuildCounter(), "tlswarden_kubernetes_requests_total",
                           "Requests to the Kubernetes API by method and answer; code 0 where none came.")),
      reload_successful_(family(registry_, prometheus::BuildGauge(),
                                "tlswarden_manifests_last_reload_successful",
                                "1 when the last reading of the manifests found nothing wrong.")),
      reload_time_(family(registry_, prometheus::BuildGauge(),
                          "tlswarden_manifests_last_reload_success_timestamp_seconds",
                          "When a reading of the manifests last found nothing wrong.")) {
  family(registry_, prometheus::BuildGauge(), "tlswarden_build_info", "Which tlswarden this is.")
      .Add({{"version", version}})
      .Set(1);
  // Rates need a series that begins at 0.
  writes_.Add({{"result", "kept"}});
  writes_.Add({{"result", "failed"}});
}

void Metrics::check_finished(const reconcile::CheckMeasure& measure) {
  const std::string engine(resource::to_string(measure.engine));
  checks_
      .Add({{"engine", engine},
            {"result", measure.reached ? "reached" : "failed"},
            {"reason", measure.reason}})
      .Increment();
  for (const probe::StageRecord& stage : measure.stages) {
    durations_.Add({{"engine", engine}, {"stage", std::string(probe::to_string(stage.stage))}}, buckets())
        .Observe(seconds(stage.took));
  }
  durations_.Add({{"engine", engine}, {"stage", "total"}}, buckets()).Observe(seconds(measure.took));
}

void Metrics::check_started(std::chrono::nanoseconds lag) {
  lags_.Observe(seconds(lag));
}

void Metrics::status_saved(bool kept) {
  writes_.Add({{"result", kept ? "kept" : "failed"}}).Increment();
}

void Metrics::api_request(std::string_view method, int code) {
  api_requests_.Add({{"method", std::string(method)}, {"code", std::to_string(code)}}).Increment();
}

void Metrics::manifests_read(bool flawless) {
  reload_successful_.Add({}).Set(flawless ? 1 : 0);
  if (flawless) reload_time_.Add({}).Set(static_cast<double>(clock_.now().time_since_epoch().count()));
}

Metrics::Families Metrics::certificates(const std::vector<reconcile::EndpointViewPtr>& views,
                                        const ClusterView* cluster) const {
  if (cluster == nullptr) return shared_certificate_metrics(views);
  const std::scoped_lock lock(fleet_mutex_);
  if (!cluster->load.leads) {
    fleet_ = {};
    return untold_certificate_metrics(views);
  }
  return shared_certificate_metrics(views, fleet_.update(others(cluster->fleet.fleet(), views)));
}

std::string Metrics::page(const reconcile::Load& load, const ClusterView* cluster) const {
  std::string page;
  write(load, cluster, [&page](std::string_view piece) { page.append(piece); });
  return page;
}

void Metrics::write(const reconcile::Load& load, const ClusterView* cluster, const TextSink& sink) const {
  const std::vector<reconcile::EndpointViewPtr> views = board_.all();
  {
    MetricText text(sink);
    write_endpoint_metrics(views, exposed_, text);
  }
  Families families = certificates(views, cluster);
  if (cluster != nullptr) append(families, cluster_metrics(cluster->load));
  families.push_back(gauge("tlswarden_endpoints", "Endpoints that this agent looks after.",
                           static_cast<double>(load.endpoints)));
  families.push_back(gauge("tlswarden_queue_depth", "Checks that are due but held back by a limit.",
                           static_cast<double>(load.waiting)));
  families.push_back(
      gauge("tlswarden_checks_running", "Checks under way.", static_cast<double>(load.running)));
  families.push_back(gauge("tlswarden_schedule_lag_seconds",
                           "How late the oldest check is that is due and has not begun.",
                           seconds_behind(load, clock_.monotonic())));
  Families counted = registry_.Collect();
  sort_series(counted);
  append(families, std::move(counted));
  sink(prometheus::TextSerializer().Serialize(families));
}

}  // namespace tlswarden::serve

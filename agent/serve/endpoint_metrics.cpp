#include "serve/endpoint_metrics.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "resource/provider.hpp"

namespace tlswarden::serve {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using reconcile::EndpointView;
using Labels = std::vector<ClientMetric::Label>;

constexpr std::array kStatuses{resource::ConditionStatus::kTrue, resource::ConditionStatus::kFalse,
                               resource::ConditionStatus::kUnknown};

MetricFamily gauge_family(const char* name, const char* help) {
  return {name, help, prometheus::MetricType::Gauge, {}};
}

Labels identity(const EndpointView& view) {
  const resource::DatabaseEndpoint& endpoint = *view.endpoint;
  return {{"namespace", endpoint.metadata.ns},
          {"name", endpoint.metadata.name},
          {"engine", std::string(resource::to_string(endpoint.spec.engine))}};
}

void add(MetricFamily& family, Labels labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

Labels with(Labels labels, std::initializer_list<ClientMetric::Label> more) {
  labels.insert(labels.end(), more);
  return labels;
}

double seconds(base::WallTime time) {
  return static_cast<double>(time.time_since_epoch().count());
}

/// "15.4" of whatever a server may have put around it.
std::string version_digits(const std::optional<std::string>& version) {
  if (!version) return {};
  const std::size_t end = version->find_first_not_of("0123456789.");
  return version->substr(0, std::min<std::size_t>(end, 32));
}

void add_dates(const EndpointView& view, MetricFamily& not_after, MetricFamily& not_before) {
  for (const reconcile::CertificateDates& dates : view.dates) {
    add(not_after, with(identity(view), {{"role", dates.role}}), seconds(dates.not_after));
    add(not_before, with(identity(view), {{"role", dates.role}}), seconds(dates.not_before));
  }
}

void add_conditions(const EndpointView& view, MetricFamily& family) {
  for (const resource::Condition& condition : view.status.conditions) {
    for (const resource::ConditionStatus status : kStatuses) {
      add(family,
          with(identity(view),
               {{"type", condition.type}, {"status", std::string(resource::to_string(status))}}),
          condition.status == status ? 1 : 0);
    }
  }
}

std::string provider_label(const resource::EndpointSpec& spec) {
  if (spec.provider) return *spec.provider;
  const resource::ProviderFacts* service = resource::provider_of(spec);
  return service != nullptr ? service->id : "";
}

void add_info(const EndpointView& view, MetricFamily& family) {
  const resource::EndpointSpec& spec = view.endpoint->spec;
  const auto& strongest = view.status.strongest_mode;
  add(family,
      with(identity(view), {{"mode", std::string(resource::to_string(spec.tls.mode))},
                            {"strongest_mode", strongest ? std::string(resource::to_string(*strongest)) : ""},
                            {"tls_version", view.status.tls ? view.status.tls->version : ""},
                            {"server_version", version_digits(view.status.server.version)},
                            {"provider", provider_label(spec)}}),
      1);
}

}  // namespace

std::vector<MetricFamily> endpoint_metrics(const std::vector<reconcile::EndpointViewPtr>& views) {
  MetricFamily not_after = gauge_family("tlswarden_certificate_not_after_timestamp_seconds",
                                        "When the endpoint's certificate of this role expires.");
  MetricFamily not_before = gauge_family("tlswarden_certificate_not_before_timestamp_seconds",
                                         "When the endpoint's certificate of this role becomes valid.");
  MetricFamily rotate_by =
      gauge_family("tlswarden_endpoint_rotate_by_timestamp_seconds",
                   "When the certificate that expires first should be replaced at the latest.");
  MetricFamily condition = gauge_family("tlswarden_endpoint_condition",
                                        "1 for the status that the condition has, 0 for the others.");
  MetricFamily info =
      gauge_family("tlswarden_endpoint_info", "What is declared and what was found, as labels.");
  MetricFamily last_check = gauge_family("tlswarden_endpoint_last_check_timestamp_seconds",
                                         "When the endpoint was last looked at.");
  MetricFamily last_reached = gauge_family("tlswarden_endpoint_last_reached_timestamp_seconds",
                                           "When a look at the endpoint last got through to it.");
  for (const reconcile::EndpointViewPtr& view : views) {
    add_dates(*view, not_after, not_before);
    const auto& expiry = view->status.expiry;
    if (expiry && expiry->rotate_by) {
      add(rotate_by, with(identity(*view), {{"role", expiry->role}}), seconds(*expiry->rotate_by));
    }
    add_conditions(*view, condition);
    add_info(*view, info);
    const std::optional<base::WallTime>& checked = view->last_check;
    if (checked) add(last_check, identity(*view), seconds(*checked));
    const std::optional<base::WallTime>& reached = view->status.last_reached_time;
    if (reached) add(last_reached, identity(*view), seconds(*reached));
  }
  return {std::move(not_after), std::move(not_before), std::move(rotate_by),   std::move(condition),
          std::move(info),      std::move(last_check), std::move(last_reached)};
}

}  // namespace tlswarden::serve

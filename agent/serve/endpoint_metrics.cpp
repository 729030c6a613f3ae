#include "serve/endpoint_metrics.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "resource/provider.hpp"
#include "serve/gauge_family.hpp"

namespace tlswarden::serve {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using reconcile::EndpointView;
using Labels = MetricLabels;

/// What every series of an endpoint carries.
Labels identity(const EndpointView& view, const ExposedLabels& exposed) {
  const resource::DatabaseEndpoint& endpoint = *view.endpoint;
  Labels labels{{"namespace", endpoint.metadata.ns},
                {"name", endpoint.metadata.name},
                {"engine", std::string(resource::to_string(endpoint.spec.engine))}};
  exposed.append_to(labels, endpoint.metadata);
  return labels;
}

Labels with(Labels labels, std::initializer_list<ClientMetric::Label> more) {
  labels.insert(labels.end(), more);
  return labels;
}

/// "15.4" of whatever a server may have put around it.
std::string version_digits(const std::optional<std::string>& version) {
  if (!version) return {};
  const std::size_t end = version->find_first_not_of("0123456789.");
  return version->substr(0, std::min<std::size_t>(end, 32));
}

void add_dates(const EndpointView& view, const Labels& self, MetricFamily& not_after,
               MetricFamily& not_before) {
  for (const reconcile::CertificateDates& dates : view.dates) {
    add(not_after, with(self, {{"role", dates.role}}), seconds(dates.not_after));
    add(not_before, with(self, {{"role", dates.role}}), seconds(dates.not_before));
  }
}

void add_deadlines(const EndpointView& view, const Labels& self, MetricFamily& due, MetricFamily& critical) {
  for (const reconcile::RotationDeadline& one : view.deadlines) {
    const Labels labels = with(self, {{"role", one.role}, {"sha256", one.sha256}});
    add(due, labels, seconds(one.due));
    add(critical, labels, seconds(one.critical));
  }
}

bool is_amiss(const resource::Condition& condition) {
  const auto amiss = resource::abnormal_when_true(condition.type) ? resource::ConditionStatus::kTrue
                                                                  : resource::ConditionStatus::kFalse;
  return condition.status == amiss;
}

void add_conditions(const EndpointView& view, const Labels& self, MetricFamily& family,
                    MetricFamily& reasons) {
  for (const resource::Condition& condition : view.status.conditions) {
    add(family,
        with(self,
             {{"type", condition.type}, {"status", std::string(resource::to_string(condition.status))}}),
        1);
    if (is_amiss(condition))
      add(reasons, with(self, {{"type", condition.type}, {"reason", condition.reason}}), 1);
  }
}

/// Where sessions without TLS are meant to work there is nothing to tell, and so where nobody knows.
std::optional<bool> accepts_plaintext(const EndpointView& view) {
  if (view.endpoint->spec.tls.mode < resource::TlsMode::kRequire) return std::nullopt;
  for (const resource::ModeRung& rung : view.status.modes) {
    if (rung.mode != resource::TlsMode::kDisable || rung.outcome == resource::RungOutcome::kUnknown) continue;
    return rung.outcome == resource::RungOutcome::kWorks;
  }
  return std::nullopt;
}

void add_schedule(const EndpointView& view, const Labels& self, MetricFamily& last_check,
                  MetricFamily& interval) {
  const resource::EndpointSpec& spec = view.endpoint->spec;
  if (const auto& checked = view.last_check) add(last_check, self, seconds(*checked));
  if (!spec.suspend) add(interval, self, static_cast<double>(spec.check_interval.count()));
}

std::string provider_label(const resource::EndpointSpec& spec) {
  if (spec.provider) return *spec.provider;
  const resource::ProviderFacts* service = resource::provider_of(spec);
  return service != nullptr ? service->id : "";
}

void add_info(const EndpointView& view, const Labels& self, MetricFamily& family) {
  const resource::EndpointSpec& spec = view.endpoint->spec;
  const auto& strongest = view.status.strongest_mode;
  add(family,
      with(self, {{"mode", std::string(resource::to_string(spec.tls.mode))},
                  {"strongest_mode", strongest ? std::string(resource::to_string(*strongest)) : ""},
                  {"tls_version", view.status.tls ? view.status.tls->version : ""},
                  {"server_version", version_digits(view.status.server.version)},
                  {"provider", provider_label(spec)}}),
      1);
}

/// In the order of the page.
struct Families {
  MetricFamily not_after = gauge_family("tlswarden_certificate_not_after_timestamp_seconds",
                                        "When the endpoint's certificate of this role expires.");
  MetricFamily not_before = gauge_family("tlswarden_certificate_not_before_timestamp_seconds",
                                         "When the endpoint's certificate of this role becomes valid.");
  MetricFamily due =
      gauge_family("tlswarden_certificate_due_timestamp_seconds",
                   "From when on the endpoint's rotation settings call for a new certificate.");
  MetricFamily critical =
      gauge_family("tlswarden_certificate_critical_timestamp_seconds",
                   "From when on the endpoint's rotation settings call the lack of a new one critical.");
  MetricFamily rotate_by =
      gauge_family("tlswarden_endpoint_rotate_by_timestamp_seconds",
                   "When the certificate that expires first should be replaced at the latest.");
  MetricFamily condition =
      gauge_family("tlswarden_endpoint_condition",
                   "1 with the status that each condition has; the others have no series.");
  MetricFamily reason = gauge_family("tlswarden_endpoint_condition_reason",
                                     "1 with the reason of each condition that is not as it should be.");
  MetricFamily plaintext =
      gauge_family("tlswarden_endpoint_plaintext_accepted",
                   "1 where sessions without TLS are accepted but not declared, else 0.");
  MetricFamily info =
      gauge_family("tlswarden_endpoint_info", "What is declared and what was found, as labels.");
  MetricFamily last_check = gauge_family("tlswarden_endpoint_last_check_timestamp_seconds",
                                         "When the endpoint was last looked at.");
  MetricFamily interval = gauge_family("tlswarden_endpoint_check_interval_seconds",
                                       "How often the endpoint is to be looked at, unless it is suspended.");
  MetricFamily last_reached = gauge_family("tlswarden_endpoint_last_reached_timestamp_seconds",
                                           "When a look at the endpoint last got through to it.");

  void add_endpoint(const EndpointView& view, const Labels& self) {
    add_dates(view, self, not_after, not_before);
    add_deadlines(view, self, due, critical);
    const auto& expiry = view.status.expiry;
    if (expiry && expiry->rotate_by) {
      add(rotate_by, with(self, {{"role", expiry->role}}), seconds(*expiry->rotate_by));
    }
    add_conditions(view, self, condition, reason);
    if (const auto accepted = accepts_plaintext(view)) add(plaintext, self, *accepted ? 1 : 0);
    add_info(view, self, info);
    add_schedule(view, self, last_check, interval);
    const std::optional<base::WallTime>& reached = view.status.last_reached_time;
    if (reached) add(last_reached, self, seconds(*reached));
  }
};

}  // namespace

std::vector<MetricFamily> endpoint_metrics(const std::vector<reconcile::EndpointViewPtr>& views,
                                           const ExposedLabels& exposed) {
  Families all;
  for (const reconcile::EndpointViewPtr& view : views)
    all.add_endpoint(*view, identity(*view, exposed));
  std::vector<MetricFamily> page;
  for (MetricFamily* family :
       {&all.not_after, &all.not_before, &all.due, &all.critical, &all.rotate_by, &all.condition, &all.reason,
        &all.plaintext, &all.info, &all.last_check, &all.interval, &all.last_reached}) {
    page.push_back(std::move(*family));
  }
  return page;
}

}  // namespace tlswarden::serve

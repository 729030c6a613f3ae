#include "serve/endpoint_metrics.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "resource/provider.hpp"

namespace tlswarden::serve {
namespace {

using reconcile::EndpointView;

/// As Prometheus counts time: since 1970.
std::int64_t seconds(base::WallTime time) {
  return time.time_since_epoch().count();
}

/// What every series of an endpoint carries, into `labels`, whose memory is used again.
void identify(const EndpointView& view, const ExposedLabels& exposed, std::string& labels) {
  const resource::DatabaseEndpoint& endpoint = *view.endpoint;
  labels.clear();
  MetricText::append_label(labels, {"namespace", endpoint.metadata.ns});
  MetricText::append_label(labels, {"name", endpoint.metadata.name});
  MetricText::append_label(labels, {"engine", resource::to_string(endpoint.spec.engine)});
  std::vector<prometheus::ClientMetric::Label> more;
  exposed.append_to(more, endpoint.metadata);
  for (const auto& label : more)
    MetricText::append_label(labels, {label.name, label.value});
}

/// The series of one endpoint in one family.
class Series {
 public:
  Series(MetricText& text, std::string_view self) : text_(text), self_(self) {}
  void add(std::initializer_list<MetricText::Label> more, std::int64_t value) {
    text_.series(self_, more, value);
  }
  void add_if_known(const std::optional<base::WallTime>& time) {
    if (time) add({}, seconds(*time));
  }

 private:
  MetricText& text_;
  const std::string_view self_;
};

/// "15.4" of whatever a server may have put around it.
std::string version_digits(const std::optional<std::string>& version) {
  if (!version) return {};
  const std::size_t end = version->find_first_not_of("0123456789.");
  return version->substr(0, std::min<std::size_t>(end, 32));
}

void add_not_after(const EndpointView& view, Series& series) {
  for (const reconcile::CertificateDates& dates : view.dates)
    series.add({{"role", dates.role}}, seconds(dates.not_after));
}

void add_not_before(const EndpointView& view, Series& series) {
  for (const reconcile::CertificateDates& dates : view.dates)
    series.add({{"role", dates.role}}, seconds(dates.not_before));
}

void add_due(const EndpointView& view, Series& series) {
  for (const reconcile::RotationDeadline& one : view.deadlines)
    series.add({{"role", one.role}, {"sha256", one.sha256}}, seconds(one.due));
}

void add_critical(const EndpointView& view, Series& series) {
  for (const reconcile::RotationDeadline& one : view.deadlines)
    series.add({{"role", one.role}, {"sha256", one.sha256}}, seconds(one.critical));
}

void add_rotate_by(const EndpointView& view, Series& series) {
  const auto& expiry = view.status.expiry;
  if (expiry && expiry->rotate_by) series.add({{"role", expiry->role}}, seconds(*expiry->rotate_by));
}

bool is_amiss(const resource::Condition& condition) {
  const auto amiss = resource::abnormal_when_true(condition.type) ? resource::ConditionStatus::kTrue
                                                                  : resource::ConditionStatus::kFalse;
  return condition.status == amiss;
}

void add_conditions(const EndpointView& view, Series& series) {
  for (const resource::Condition& condition : view.status.conditions)
    series.add({{"type", condition.type}, {"status", resource::to_string(condition.status)}}, 1);
}

void add_reasons(const EndpointView& view, Series& series) {
  for (const resource::Condition& condition : view.status.conditions)
    if (is_amiss(condition)) series.add({{"type", condition.type}, {"reason", condition.reason}}, 1);
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

void add_plaintext(const EndpointView& view, Series& series) {
  if (const auto accepted = accepts_plaintext(view)) series.add({}, *accepted ? 1 : 0);
}

std::string provider_label(const resource::EndpointSpec& spec) {
  if (spec.provider) return *spec.provider;
  const resource::ProviderFacts* service = resource::provider_of(spec);
  return service != nullptr ? service->id : "";
}

void add_info(const EndpointView& view, Series& series) {
  const resource::EndpointSpec& spec = view.endpoint->spec;
  const auto& strongest = view.status.strongest_mode;
  series.add({{"mode", resource::to_string(spec.tls.mode)},
              {"strongest_mode", strongest ? resource::to_string(*strongest) : ""},
              {"tls_version", view.status.tls ? std::string_view(view.status.tls->version) : ""},
              {"server_version", version_digits(view.status.server.version)},
              {"provider", provider_label(spec)}},
             1);
}

void add_last_check(const EndpointView& view, Series& series) {
  series.add_if_known(view.last_check);
}

void add_interval(const EndpointView& view, Series& series) {
  const resource::EndpointSpec& spec = view.endpoint->spec;
  if (!spec.suspend) series.add({}, spec.check_interval.count());
}

void add_last_reached(const EndpointView& view, Series& series) {
  series.add_if_known(view.status.last_reached_time);
}

struct Family {
  const char* name;
  const char* help;
  void (*add)(const EndpointView& view, Series& series);
};

/// In the order of the page.
constexpr std::array kFamilies{
    Family{"tlswarden_certificate_not_after_timestamp_seconds",
           "When the endpoint's certificate of this role expires.", add_not_after},
    Family{"tlswarden_certificate_not_before_timestamp_seconds",
           "When the endpoint's certificate of this role becomes valid.", add_not_before},
    Family{"tlswarden_certificate_due_timestamp_seconds",
           "From when on the endpoint's rotation settings call for a new certificate.", add_due},
    Family{"tlswarden_certificate_critical_timestamp_seconds",
           "From when on the endpoint's rotation settings call the lack of a new one critical.",
           add_critical},
    Family{"tlswarden_endpoint_rotate_by_timestamp_seconds",
           "When the certificate that expires first should be replaced at the latest.", add_rotate_by},
    Family{"tlswarden_endpoint_condition",
           "1 with the status that each condition has; the others have no series.", add_conditions},
    Family{"tlswarden_endpoint_condition_reason",
           "1 with the reason of each condition that is not as it should be.", add_reasons},
    Family{"tlswarden_endpoint_plaintext_accepted",
           "1 where sessions without TLS are accepted but not declared, else 0.", add_plaintext},
    Family{"tlswarden_endpoint_info", "What is declared and what was found, as labels.", add_info},
    Family{"tlswarden_endpoint_last_check_timestamp_seconds", "When the endpoint was last looked at.",
           add_last_check},
    Family{"tlswarden_endpoint_check_interval_seconds",
           "How often the endpoint is to be looked at, unless it is suspended.", add_interval},
    Family{"tlswarden_endpoint_last_reached_timestamp_seconds",
           "When a look at the endpoint last got through to it.", add_last_reached}};

}  // namespace

void write_endpoint_metrics(const std::vector<reconcile::EndpointViewPtr>& views,
                            const ExposedLabels& exposed, MetricText& text) {
  std::string self;
  for (const Family& family : kFamilies) {
    text.family(family.name, family.help);
    for (const reconcile::EndpointViewPtr& view : views) {
      identify(*view, exposed, self);
      Series series(text, self);
      family.add(*view, series);
    }
  }
}

}  // namespace tlswarden::serve

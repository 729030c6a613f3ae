#include "serve/shared_certificates.hpp"

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::serve {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using verdict::PathCertificate;

constexpr std::size_t kLongestSubject = 128;

/// Who depends on one certificate in one role. Points into the views.
struct Shared {
  const PathCertificate* certificate = nullptr;  ///< one of them that can be believed, if there is one
  std::vector<std::pair<std::string_view, std::size_t>> endpoints;  ///< by namespace
  std::size_t total = 0;

  void add(const PathCertificate& one, std::string_view ns) {
    if (certificate == nullptr || (one.verified && !certificate->verified)) certificate = &one;
    if (endpoints.empty() || endpoints.back().first != ns) endpoints.emplace_back(ns, 0);
    ++endpoints.back().second;
    ++total;
  }
};

using ByFingerprint = std::unordered_map<std::string_view, Shared>;

/// By role, in the order of the page.
std::map<std::string_view, ByFingerprint> gather(const std::vector<reconcile::EndpointViewPtr>& views) {
  std::map<std::string_view, ByFingerprint> roles{
      {"ca", {}}, {"client", {}}, {"intermediate", {}}, {"leaf", {}}};
  for (const reconcile::EndpointViewPtr& view : views) {
    if (!view->certificates) continue;
    for (const PathCertificate& one : *view->certificates) {
      const auto role = roles.find(one.role);
      if (role != roles.end()) role->second[one.sha256].add(one, view->endpoint->metadata.ns);
    }
  }
  return roles;
}

void add(MetricFamily& family, std::vector<ClientMetric::Label> labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

}  // namespace

std::vector<MetricFamily> shared_certificate_metrics(const std::vector<reconcile::EndpointViewPtr>& views) {
  MetricFamily not_after{"tlswarden_shared_certificate_not_after_timestamp_seconds",
                         "When a certificate expires that several endpoints may depend on.",
                         prometheus::MetricType::Gauge,
                         {}};
  MetricFamily endpoints{"tlswarden_shared_certificate_endpoints",
                         "How many endpoints of the namespace depend on the certificate.",
                         prometheus::MetricType::Gauge,
                         {}};
  for (const auto& [role, certificates] : gather(views)) {
    const std::map<std::string_view, Shared> sorted(certificates.begin(), certificates.end());
    for (const auto& [sha256, shared] : sorted) {
      if (role == "leaf" && shared.total < 2) continue;
      const PathCertificate& one = *shared.certificate;
      const std::string subject = one.verified ? base::printable(one.subject, kLongestSubject) : "";
      add(not_after, {{"role", one.role}, {"sha256", one.sha256}, {"subject", subject}},
          static_cast<double>(one.not_after.time_since_epoch().count()));
      for (const auto& [ns, count] : shared.endpoints) {
        add(endpoints, {{"role", one.role}, {"sha256", one.sha256}, {"namespace", std::string(ns)}},
            static_cast<double>(count));
      }
    }
  }
  return {std::move(not_after), std::move(endpoints)};
}

}  // namespace tlswarden::serve

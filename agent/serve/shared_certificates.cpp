#include "serve/shared_certificates.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "serve/gauge_family.hpp"

namespace tlswarden::serve {
namespace {

using prometheus::MetricFamily;
using verdict::PathCertificate;

constexpr std::size_t kLongestSubject = 128;

/// Who depends on one certificate in one role. Points into the views.
struct Shared {
  const PathCertificate* certificate = nullptr;  ///< one of them that can be believed, if there is one
  std::vector<std::pair<std::string_view, std::size_t>> endpoints;  ///< by namespace
  std::size_t total = 0;
  std::optional<base::WallTime> due, critical;  ///< the earliest of the endpoints

  void add(const PathCertificate& one, std::string_view ns) {
    if (certificate == nullptr || (one.verified && !certificate->verified)) certificate = &one;
    if (endpoints.empty() || endpoints.back().first != ns) endpoints.emplace_back(ns, 0);
    ++endpoints.back().second;
    ++total;
  }

  void add(const reconcile::RotationDeadline& one) {
    due = std::min(due.value_or(one.due), one.due);
    critical = std::min(critical.value_or(one.critical), one.critical);
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
    for (const reconcile::RotationDeadline& one : view->deadlines) {
      const auto role = roles.find(one.role);
      if (role == roles.end()) continue;
      const auto shared = role->second.find(one.sha256);
      if (shared != role->second.end()) shared->second.add(one);
    }
  }
  return roles;
}

}  // namespace

std::vector<MetricFamily> shared_certificate_metrics(const std::vector<reconcile::EndpointViewPtr>& views) {
  MetricFamily not_after = gauge_family("tlswarden_shared_certificate_not_after_timestamp_seconds",
                                        "When a certificate expires that several endpoints may depend on.");
  MetricFamily endpoints = gauge_family("tlswarden_shared_certificate_endpoints",
                                        "How many endpoints of the namespace depend on the certificate.");
  MetricFamily due =
      gauge_family("tlswarden_shared_certificate_due_timestamp_seconds",
                   "From when on the first of the endpoints' rotation settings calls for a new certificate.");
  MetricFamily critical =
      gauge_family("tlswarden_shared_certificate_critical_timestamp_seconds",
                   "From when on the first of them calls the lack of a new one critical.");
  for (const auto& [role, certificates] : gather(views)) {
    const std::map<std::string_view, Shared> sorted(certificates.begin(), certificates.end());
    for (const auto& [sha256, shared] : sorted) {
      if (role == "leaf" && shared.total < 2) continue;
      const PathCertificate& one = *shared.certificate;
      const std::string subject = one.verified ? base::printable(one.subject, kLongestSubject) : "";
      add(not_after, {{"role", one.role}, {"sha256", one.sha256}, {"subject", subject}},
          seconds(one.not_after));
      if (shared.due) add(due, {{"role", one.role}, {"sha256", one.sha256}}, seconds(*shared.due));
      if (shared.critical)
        add(critical, {{"role", one.role}, {"sha256", one.sha256}}, seconds(*shared.critical));
      for (const auto& [ns, count] : shared.endpoints) {
        add(endpoints, {{"role", one.role}, {"sha256", one.sha256}, {"namespace", std::string(ns)}},
            static_cast<double>(count));
      }
    }
  }
  return {std::move(not_after), std::move(endpoints), std::move(due), std::move(critical)};
}

}  // namespace tlswarden::serve

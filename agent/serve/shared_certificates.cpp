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

/// Who depends on one certificate in one role. Points into what was gathered.
struct Shared {
  const PathCertificate* certificate = nullptr;       ///< one of them that can be believed, if there is one
  std::map<std::string_view, std::size_t> endpoints;  ///< by namespace
  std::size_t total = 0;
  std::optional<base::WallTime> due, critical;  ///< the earliest of the endpoints

  void add(const PathCertificate& one, std::string_view ns) {
    if (certificate == nullptr || (one.verified && !certificate->verified)) certificate = &one;
    ++endpoints[ns];
    ++total;
  }
  void expect(base::WallTime due_from, base::WallTime critical_from) {
    due = std::min(due.value_or(due_from), due_from);
    critical = std::min(critical.value_or(critical_from), critical_from);
  }
};

using ByFingerprint = std::unordered_map<std::string_view, Shared>;

/// Whether whoever reads the endpoint's status knows of the certificate.
bool is_told(const resource::EndpointStatus& status, const PathCertificate& one) {
  if (one.role == "client" || !status.tls) return false;
  const auto same = [&](const resource::CertificateStatus& seen) { return seen.sha256 == one.sha256; };
  const resource::TlsStatus& tls = *status.tls;
  return std::any_of(tls.chain.begin(), tls.chain.end(), same) ||
         std::any_of(tls.from_trust_store.begin(), tls.from_trust_store.end(), same);
}

class Gathered {
 public:
  enum class Which { kAll, kUntold };

  void take(const reconcile::EndpointView& view, Which which) {
    if (!view.certificates) return;
    for (const PathCertificate& one : *view.certificates) {
      if (which == Which::kUntold && is_told(view.status, one)) continue;
      if (ByFingerprint* role = find(one.role)) (*role)[one.sha256].add(one, view.endpoint->metadata.ns);
    }
    for (const reconcile::RotationDeadline& one : view.deadlines) {
      ByFingerprint* role = find(one.role);
      if (role == nullptr) continue;
      const auto shared = role->find(one.sha256);
      if (shared != role->end()) shared->second.expect(one.due, one.critical);
    }
  }
  void take(const reconcile::StoredCertificates::Entry& entry) {
    for (const reconcile::Dependence& one : *entry.dependences) {
      ByFingerprint* role = find(one.certificate->role);
      if (role == nullptr) continue;
      Shared& shared = (*role)[one.certificate->sha256];
      shared.add(*one.certificate, entry.endpoint->metadata.ns);
      // As for its own endpoints, dates count also while checks are suspended.
      shared.expect(one.due, one.critical);
    }
  }
  std::vector<MetricFamily> metrics() const;

 private:
  ByFingerprint* find(std::string_view role) {
    const auto found = roles_.find(role);
    return found == roles_.end() ? nullptr : &found->second;
  }
  /// In the order of the page.
  std::map<std::string_view, ByFingerprint> roles_{
      {"ca", {}}, {"client", {}}, {"intermediate", {}}, {"leaf", {}}};
};

std::vector<MetricFamily> Gathered::metrics() const {
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
  for (const auto& [role, certificates] : roles_) {
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

}  // namespace

std::vector<MetricFamily> shared_certificate_metrics(const std::vector<reconcile::EndpointViewPtr>& views,
                                                     const reconcile::StoredCertificates::Entries& others) {
  Gathered gathered;
  for (const reconcile::EndpointViewPtr& view : views)
    gathered.take(*view, Gathered::Which::kAll);
  for (const reconcile::StoredCertificates::Entry& entry : others)
    gathered.take(entry);
  return gathered.metrics();
}

std::vector<MetricFamily> untold_certificate_metrics(const std::vector<reconcile::EndpointViewPtr>& views) {
  Gathered gathered;
  for (const reconcile::EndpointViewPtr& view : views)
    gathered.take(*view, Gathered::Which::kUntold);
  return gathered.metrics();
}

}  // namespace tlswarden::serve

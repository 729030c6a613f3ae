#pragma once

#include <memory>
#include <utility>

#include "reconcile/board.hpp"

namespace tlswarden::serve {

inline constexpr base::WallTime kToday{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};

/// A checked PostgreSQL endpoint, as the board would hold it.
inline reconcile::EndpointView orders() {
  auto endpoint = std::make_shared<resource::DatabaseEndpoint>();
  endpoint->metadata.ns = "payments";
  endpoint->metadata.name = "orders";
  endpoint->spec.engine = resource::Engine::kPostgresql;
  endpoint->spec.host = "db.internal";
  endpoint->spec.port = 5432;
  endpoint->spec.tls.mode = resource::TlsMode::kVerifyCa;
  reconcile::EndpointView view;
  view.status.conditions = {
      {"Ready", resource::ConditionStatus::kFalse, "CertificateExpired", "it expired", kToday, 1},
      {"Reachable", resource::ConditionStatus::kTrue, "Reached", "it answers", kToday, 1}};
  view.status.strongest_mode = resource::TlsMode::kRequire;
  view.status.tls = resource::TlsStatus{"TLSv1.3", "TLS_AES_256_GCM_SHA384", {}};
  view.status.server.version = "15.4";
  view.status.expiry = resource::Expiry{
      kToday + base::Seconds(86400), "leaf", "CN=db.internal", kToday + base::Seconds(3600), {}};
  view.severity = verdict::Severity::kCritical;
  view.headline = "The certificate expired";
  view.last_check = kToday;
  view.dates = {{"leaf", kToday - base::Seconds(86400), kToday + base::Seconds(86400)},
                {"ca", kToday - base::Seconds(172800), kToday + base::Seconds(864000)}};
  view.status.last_reached_time = kToday - base::Seconds(60);
  view.certificates = std::make_shared<const verdict::PathCertificates>(verdict::PathCertificates{
      {"leaf", "11", "CN=db.internal", "CN=Demo CA", kToday, kToday + base::Seconds(86400), true},
      {"ca", "22", "CN=Demo CA", "CN=Demo CA", kToday, kToday + base::Seconds(864000), true}});
  view.endpoint = std::move(endpoint);
  return view;
}

inline reconcile::EndpointViewPtr shared(reconcile::EndpointView view) {
  return std::make_shared<const reconcile::EndpointView>(std::move(view));
}

}  // namespace tlswarden::serve

// What the metrics page of a large fleet costs: on a replica that looks after all of it, and on the leader of
// replicas that look after the rest. usage: bench_metrics [ENDPOINTS]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "reconcile/dates.hpp"
#include "resource/codec.hpp"
#include "serve/gzip.hpp"
#include "serve/metrics.hpp"

namespace {

using namespace tlswarden;

constexpr int kIssuers = 20;
constexpr base::Seconds kDay{86400};

class StoredFleet final : public reconcile::FleetSource {
 public:
  std::vector<reconcile::StoredEndpoint> fleet() const override { return endpoints; }
  std::vector<reconcile::StoredEndpoint> endpoints;
};

std::string fingerprint(const std::string& of, int number) {
  const std::string end = of + std::to_string(number);
  return std::string(64 - end.size(), '0') + end;
}

resource::CertificateStatus certificate(const std::string& role, int number, base::WallTime now) {
  resource::CertificateStatus one;
  one.role = role;
  one.subject = "CN=" + role + " " + std::to_string(number) + ".databases.example.com,O=Example";
  one.issuer = "CN=issuer " + std::to_string(number % kIssuers) + ",O=Example";
  one.serial_number = "0123456789abcdef0123456789abcdef";
  one.not_before = now;
  one.not_after = now + 90 * kDay;
  one.sha256 = fingerprint(role.substr(0, 1), number);
  one.dns_names = {"db-" + std::to_string(number) + ".databases.example.com"};
  one.key = "EC-256";
  one.signature = "ecdsa-with-SHA256";
  return one;
}

/// Of the size that a status has in practice.
resource::EndpointStatus status(int number, base::WallTime now) {
  namespace condition = resource::condition;
  resource::EndpointStatus made;
  made.observed_generation = 1;
  for (const char* type :
       {condition::kReady, condition::kReachable, condition::kModeSatisfied, condition::kCertificateValid,
        condition::kClientCertificateValid, condition::kServedCertificateMatched, condition::kNextCaReady,
        condition::kServerVersionMatched, condition::kSessionEncrypted, condition::kRotationRecommended,
        condition::kModeChangeRecommended, condition::kReconciling, condition::kStalled}) {
    const bool abnormal = resource::abnormal_when_true(type);
    made.conditions.push_back(
        {type, abnormal ? resource::ConditionStatus::kFalse : resource::ConditionStatus::kTrue, "Healthy",
         "Everything that the spec declares holds as of the last check.", now, 1});
  }
  made.tls = resource::TlsStatus{"TLSv1.3", "TLS_AES_256_GCM_SHA384", {}};
  made.tls->chain = {certificate("leaf", number, now), certificate("intermediate", number % kIssuers, now)};
  made.tls->from_trust_store = {certificate("root", number % kIssuers, now)};
  for (const auto mode :
       {resource::TlsMode::kDisable, resource::TlsMode::kPrefer, resource::TlsMode::kRequire,
        resource::TlsMode::kVerifyCa, resource::TlsMode::kVerifyFull})
    made.modes.push_back({mode, resource::RungOutcome::kWorks, "ModeWorks", std::string(120, 'm')});
  made.advice.resize(2, {"RotateServerCertificate", resource::Urgency::kPlanned, now, "CertificateExpiring",
                         std::string(200, 'a'), std::vector<std::string>(5, std::string(150, 's'))});
  made.last_check_time = made.last_reached_time = now;
  return made;
}

std::shared_ptr<resource::DatabaseEndpoint> endpoint(int number) {
  auto made = std::make_shared<resource::DatabaseEndpoint>();
  made->metadata.ns = "team-" + std::to_string(number % 50);
  made->metadata.name = "orders-" + std::to_string(number);
  made->spec.engine = resource::Engine::kPostgresql;
  return made;
}

reconcile::EndpointViewPtr view(int number, base::WallTime now) {
  reconcile::EndpointView made;
  made.endpoint = endpoint(number);
  made.status = status(number, now);
  made.last_check = now;
  auto certificates = verdict::certificates_in_path(made.status);
  made.dates = reconcile::certificate_dates(certificates);
  made.deadlines = reconcile::rotation_deadlines(made.endpoint->spec.rotation, certificates);
  made.certificates = std::make_shared<const verdict::PathCertificates>(std::move(certificates));
  return std::make_shared<const reconcile::EndpointView>(std::move(made));
}

double resident_megabytes() {
  std::ifstream pages("/proc/self/statm");
  long size = 0, resident = 0;
  pages >> size >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

template <class Work>
void measure(const char* what, Work work) {
  const auto began = std::chrono::steady_clock::now();
  const std::size_t bytes = work().size();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%-44s %8.1f ms %10.3f MB, %.0f MB resident\n", what, took.count() * 1e3,
              static_cast<double>(bytes) / 1e6, resident_megabytes());
}

void measure_leader(int endpoints, const base::Clock& clock) {
  const base::WallTime now = clock.now();
  const reconcile::Board board;
  const serve::Metrics metrics(clock, board, "bench");
  StoredFleet fleet;
  for (int i = 0; i < endpoints; ++i) {
    fleet.endpoints.push_back(
        {endpoint(i), std::make_shared<const std::string>(resource::status_to_json(status(i, now)).dump())});
  }
  std::sort(fleet.endpoints.begin(), fleet.endpoints.end(),
            [](const auto& a, const auto& b) { return a.endpoint->key() < b.endpoint->key(); });
  std::printf("a status has %zu bytes; %.0f MB resident\n", fleet.endpoints.front().status->size(),
              resident_megabytes());
  const serve::Metrics::ClusterView leader{{}, fleet};
  const auto page = [&] { return metrics.page({}, &leader); };
  measure("all endpoints others', first page", page);
  measure("all endpoints others', nothing changed", page);
  for (int i = 0; i < endpoints; i += 100)
    fleet.endpoints[i].status = std::make_shared<const std::string>(*fleet.endpoints[i].status);
  measure("all endpoints others', one in 100 changed", page);
}

void measure_owner(int endpoints, const base::Clock& clock) {
  const base::WallTime now = clock.now();
  reconcile::Board board;
  for (int i = 0; i < endpoints; ++i)
    board.put(view(i, now));
  const serve::Metrics metrics(clock, board, "bench");
  const std::string page = metrics.page({});
  measure("all endpoints its own", [&] { return metrics.page({}); });
  measure("the same compressed", [&] { return serve::gzip(page).value(); });
}

}  // namespace

int main(int argc, char** argv) {
  const int endpoints = argc > 1 ? std::atoi(argv[1]) : 20'000;
  const base::SystemClock clock;
  measure_leader(endpoints, clock);
  measure_owner(endpoints, clock);
}

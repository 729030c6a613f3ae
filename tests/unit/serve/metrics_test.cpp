#include "serve/metrics.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "resource/codec.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/unit/serve/views.hpp"

namespace tlswarden::serve {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricsTest : public ::testing::Test {
 protected:
  /// The fleet of a cluster, as its store would know it.
  struct StoredFleet final : reconcile::FleetSource {
    std::vector<reconcile::StoredEndpoint> fleet() const override { return endpoints; }
    std::vector<reconcile::StoredEndpoint> endpoints;
  };

  std::string page() const { return metrics_.page(load_); }
  std::string page_in_cluster() const {
    const Metrics::ClusterView view{cluster_, fleet_};
    return metrics_.page(load_, &view);
  }
  /// An endpoint of another replica behind the same CA and with the same certificate as orders().
  static reconcile::StoredEndpoint of_another_replica() {
    resource::DatabaseEndpoint endpoint = *orders().endpoint;
    endpoint.metadata.name = "orders-ro";
    resource::EndpointStatus status;
    status.tls = resource::TlsStatus{"TLSv1.3", "", {}};
    status.tls->chain.resize(1);
    status.tls->chain[0].role = "leaf";
    status.tls->chain[0].sha256 = "11";
    status.tls->chain[0].not_after = kToday + base::Seconds(86400);
    return {std::make_shared<const resource::DatabaseEndpoint>(std::move(endpoint)),
            std::make_shared<const std::string>(resource::status_to_json(status).dump())};
  }

  test_support::FakeClock clock_{kToday};
  reconcile::Board board_;
  reconcile::Load load_;
  reconcile::ClusterLoad cluster_;
  StoredFleet fleet_;
  Metrics metrics_{clock_, board_, "1.2.3"};
};

TEST_F(MetricsTest, the_whole_page_is_as_it_is_documented) {
  const std::string golden = TLSWARDEN_SOURCE_DIR "/tests/unit/serve/testdata/metrics.txt";
  board_.put(shared(orders()));
  load_.endpoints = 1;
  load_.waiting = 2;
  load_.running = 3;
  load_.next_due = clock_.monotonic();
  clock_.advance(base::Seconds(7));
  const std::vector<probe::StageRecord> stages{{probe::Stage::kConnect, 2ms, ""},
                                               {probe::Stage::kHandshake, 20ms, ""}};
  metrics_.check_finished({resource::Engine::kPostgresql, true, "CertificateExpired", 25ms, stages});
  metrics_.check_finished({resource::Engine::kPostgresql, false, "ConnectionRefused", 1s, {}});
  metrics_.check_started(1500ms);
  metrics_.status_saved(true);
  metrics_.manifests_read(true);
  metrics_.api_request("GET", 200);
  cluster_ = {.endpoints = 2,
              .members = 3,
              .leads = true,
              .pending_writes = 4,
              .references = 5,
              .lists = 6,
              .watches = 7,
              .watch_failures = 8,
              .namespaces = {{"payments", false}, {"shop", true}}};
  fleet_.endpoints = {of_another_replica()};
  if (std::getenv("TLSWARDEN_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << page_in_cluster();
  std::ifstream file(golden);
  const std::string expected((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(page_in_cluster(), expected) << "if this is meant, run again with TLSWARDEN_UPDATE_GOLDEN=1";
}

TEST_F(MetricsTest, outside_a_cluster_there_is_nothing_to_tell_of_one) {
  board_.put(shared(orders()));
  EXPECT_THAT(page(), Not(HasSubstr("tlswarden_cluster")));
  EXPECT_THAT(page(), HasSubstr("tlswarden_shared_certificate_endpoints{"));
}

TEST_F(MetricsTest, the_leader_counts_what_others_look_after_and_its_own_once) {
  const char* const leaf =
      "tlswarden_shared_certificate_endpoints{role=\"leaf\",sha256=\"11\",namespace=\"payments\"} ";
  board_.put(shared(orders()));
  reconcile::StoredEndpoint own = of_another_replica();
  own.endpoint = orders().endpoint;
  fleet_.endpoints = {own, of_another_replica()};
  EXPECT_THAT(page_in_cluster(), HasSubstr(std::string(leaf) + "2\n"));
  // Taken over from here by another replica: its status tells of it from now on.
  board_.remove("payments/orders");
  EXPECT_THAT(page_in_cluster(), HasSubstr(std::string(leaf) + "2\n"));
  fleet_.endpoints.clear();
  EXPECT_THAT(page_in_cluster(), Not(HasSubstr(leaf)));
}

TEST_F(MetricsTest, who_does_not_lead_leaves_to_the_leader_what_statuses_tell) {
  reconcile::EndpointView view = orders();
  auto certificates = *view.certificates;
  certificates.push_back({"client", "33", "CN=app", "CN=Demo CA", kToday, kToday, true});
  view.certificates = std::make_shared<const verdict::PathCertificates>(std::move(certificates));
  view.status.tls->chain.resize(1);
  view.status.tls->chain[0].sha256 = "11";
  view.status.tls->from_trust_store.resize(1);
  view.status.tls->from_trust_store[0].sha256 = "22";
  board_.put(shared(view));
  cluster_.leads = false;
  fleet_.endpoints = {of_another_replica()};
  const std::string text = page_in_cluster();
  EXPECT_THAT(text, HasSubstr("tlswarden_cluster_leader 0\n"));
  EXPECT_THAT(text, HasSubstr("tlswarden_shared_certificate_endpoints{role=\"client\",sha256=\"33\""));
  EXPECT_THAT(text, Not(HasSubstr("tlswarden_shared_certificate_endpoints{role=\"ca\"")));
  EXPECT_THAT(text, HasSubstr("tlswarden_certificate_due_timestamp_seconds{namespace=\"payments\""));
}

TEST_F(MetricsTest, the_series_of_a_removed_endpoint_are_gone_at_once) {
  board_.put(shared(orders()));
  EXPECT_THAT(page(), HasSubstr("name=\"orders\""));
  board_.remove("payments/orders");
  EXPECT_THAT(page(), Not(HasSubstr("orders")));
}

TEST_F(MetricsTest, a_renewed_certificate_leaves_no_series_of_the_old_one) {
  board_.put(shared(orders()));
  reconcile::EndpointView renewed = orders();
  renewed.dates = {{"leaf", kToday, kToday + base::Seconds(1'000'000)}};
  renewed.certificates.reset();
  renewed.deadlines.clear();
  renewed.status.strongest_mode = resource::TlsMode::kVerifyFull;
  board_.put(shared(renewed));
  EXPECT_THAT(page(), Not(HasSubstr("role=\"ca\"")));
  EXPECT_THAT(page(), Not(HasSubstr("strongest_mode=\"require\"")));
}

TEST_F(MetricsTest, what_is_unknown_has_no_series) {
  reconcile::EndpointView view = orders();
  view.status = {};
  view.dates.clear();
  view.last_check.reset();
  board_.put(shared(view));
  for (const char* name :
       {"tlswarden_certificate_not_after_timestamp_seconds{", "_rotate_by_timestamp_seconds{",
        "_last_check_timestamp_seconds{", "tlswarden_manifests_last_reload_successful "}) {
    EXPECT_THAT(page(), Not(HasSubstr(name)));
  }
}

TEST_F(MetricsTest, chosen_labels_are_on_every_series_of_an_endpoint) {
  const Metrics metrics{clock_, board_, "1.2.3", ExposedLabels::of({"team"}).value()};
  board_.put(shared(orders()));
  std::istringstream lines(metrics.page(load_));
  int series = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("name=\"orders\"") == std::string::npos) continue;
    EXPECT_THAT(line, HasSubstr(",engine=\"postgresql\",label_team=\"shop\""));
    ++series;
  }
  EXPECT_GT(series, 10);
}

TEST_F(MetricsTest, plaintext_is_told_only_where_it_is_known_and_not_meant_to_be_accepted) {
  const auto told = [this](resource::TlsMode declared, resource::RungOutcome outcome) {
    reconcile::EndpointView view = orders();
    resource::DatabaseEndpoint endpoint = *view.endpoint;
    endpoint.spec.tls.mode = declared;
    view.endpoint = std::make_shared<const resource::DatabaseEndpoint>(std::move(endpoint));
    view.status.modes = {{resource::TlsMode::kDisable, outcome, "", ""}};
    board_.put(shared(view));
    const std::string text = page();
    if (text.find("plaintext_accepted{") == std::string::npos) return -1;
    return text.find(
               "plaintext_accepted{namespace=\"payments\",name=\"orders\",engine=\"postgresql\"} 1\n") !=
                   std::string::npos
               ? 1
               : 0;
  };
  EXPECT_EQ(told(resource::TlsMode::kRequire, resource::RungOutcome::kWorks), 1);
  EXPECT_EQ(told(resource::TlsMode::kVerifyFull, resource::RungOutcome::kRejected), 0);
  EXPECT_EQ(told(resource::TlsMode::kVerifyFull, resource::RungOutcome::kUnknown), -1);
  EXPECT_EQ(told(resource::TlsMode::kPrefer, resource::RungOutcome::kWorks), -1);
}

TEST_F(MetricsTest, reasons_are_told_of_what_is_amiss_alone) {
  reconcile::EndpointView view = orders();
  view.status.conditions.push_back(
      {"RotationRecommended", resource::ConditionStatus::kTrue, "CertificateExpiring", "soon", kToday, 1});
  board_.put(shared(view));
  EXPECT_THAT(page(), HasSubstr("type=\"Ready\",reason=\"CertificateExpired\"} 1\n"));
  EXPECT_THAT(page(), HasSubstr("type=\"RotationRecommended\",reason=\"CertificateExpiring\"} 1\n"));
  EXPECT_THAT(page(), Not(HasSubstr("type=\"Reachable\",reason")));
}

TEST_F(MetricsTest, of_a_suspended_endpoint_no_check_is_expected) {
  reconcile::EndpointView view = orders();
  resource::DatabaseEndpoint endpoint = *view.endpoint;
  endpoint.spec.suspend = true;
  view.endpoint = std::make_shared<const resource::DatabaseEndpoint>(std::move(endpoint));
  board_.put(shared(view));
  EXPECT_THAT(page(), Not(HasSubstr("check_interval_seconds{")));
}

TEST_F(MetricsTest, what_a_server_calls_itself_is_cut_down_to_digits) {
  reconcile::EndpointView view = orders();
  view.status.server.version = "15.4\"} evil 1\n#";
  board_.put(shared(view));
  EXPECT_THAT(page(), HasSubstr("server_version=\"15.4\""));
  EXPECT_THAT(page(), Not(HasSubstr("evil")));
}

TEST_F(MetricsTest, lag_grows_while_a_due_check_does_not_begin_and_is_zero_otherwise) {
  load_.next_due = clock_.monotonic() + 60s;
  EXPECT_THAT(page(), HasSubstr("tlswarden_schedule_lag_seconds 0\n"));
  clock_.advance(base::Seconds(90));
  EXPECT_THAT(page(), HasSubstr("tlswarden_schedule_lag_seconds 30\n"));
}

TEST_F(MetricsTest, a_flawed_reading_keeps_the_time_of_the_last_good_one) {
  metrics_.manifests_read(true);
  clock_.advance(base::Seconds(60));
  metrics_.manifests_read(false);
  EXPECT_THAT(page(), HasSubstr("tlswarden_manifests_last_reload_successful 0\n"));
  EXPECT_THAT(page(), HasSubstr("tlswarden_manifests_last_reload_success_timestamp_seconds " +
                                std::to_string(kToday.time_since_epoch().count()) + "\n"));
}

}  // namespace
}  // namespace tlswarden::serve

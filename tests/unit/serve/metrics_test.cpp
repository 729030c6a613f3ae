#include "serve/metrics.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/support/fake_clock.hpp"
#include "tests/unit/serve/views.hpp"

namespace tlswarden::serve {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricsTest : public ::testing::Test {
 protected:
  std::string page() const { return metrics_.page(load_); }

  test_support::FakeClock clock_{kToday};
  reconcile::Board board_;
  reconcile::Load load_;
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
  if (std::getenv("TLSWARDEN_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << page();
  std::ifstream file(golden);
  const std::string expected((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(page(), expected) << "if this is meant, run again with TLSWARDEN_UPDATE_GOLDEN=1";
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

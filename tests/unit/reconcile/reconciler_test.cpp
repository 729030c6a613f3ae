#include "reconcile/reconciler.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "base/time_text.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/mint_revocation.hpp"
#include "tests/support/run_loop.hpp"
#include "tests/unit/reconcile/fakes.hpp"

namespace tlswarden::reconcile {
namespace {

using base::Seconds;
using resource::ConditionStatus;

class ReconcilerTest : public ::testing::Test {
 protected:
  ReconcilerTest() {
    observer_.answer([this](const auto&) { return healthy(pki_, clock_.now()); });
  }

  Reconciler make() { return Reconciler({clock_, materials_, store_, observer_, board_, metrics_, events_}); }
  static std::optional<Scheduler::Report> check(Reconciler& reconciler) {
    return test_support::run_loop(reconciler.check("payments/orders"));
  }
  ConditionStatus shown(const char* condition) const {
    return board_.find("payments/orders")->status.find(condition)->status;
  }
  resource::EndpointStatus saved() { return store_.record("payments/orders").status; }
  void refuse() {
    observer_.answer([this](const auto&) { return refused(clock_.now()); });
  }

  test_support::FakeClock clock_{kToday};
  test_support::DemoPki pki_ = test_support::demo_pki(kToday, 90);
  FakeMaterials materials_{test_support::store_of({&pki_.root})};
  FakeStore store_;
  FakeObserver observer_{{}};
  Board board_;
  FakeMetrics metrics_;
  FakeEvents events_;
};

TEST_F(ReconcilerTest, a_first_visit_has_all_conditions_before_any_check) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  EXPECT_EQ(saved().conditions.size(), resource::kAllConditions.size());
  EXPECT_EQ(shown(resource::condition::kReady), ConditionStatus::kUnknown);
  EXPECT_FALSE(board_.find("payments/orders")->last_check);
}

TEST_F(ReconcilerTest, a_check_writes_the_verdict_to_store_and_board) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  const auto report = check(reconciler);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->consecutive_failures, 0);
  EXPECT_EQ(saved().find(resource::condition::kCertificateValid)->status, ConditionStatus::kTrue);
  EXPECT_EQ(shown(resource::condition::kCertificateValid), ConditionStatus::kTrue);
  EXPECT_EQ(board_.find("payments/orders")->last_check, kToday);
  EXPECT_EQ(metrics_.reached, std::vector<bool>{true});
}

TEST_F(ReconcilerTest, nothing_is_shown_before_it_was_saved) {
  Reconciler reconciler = make();
  store_.before_saving = [this] { EXPECT_FALSE(board_.find("payments/orders")); };
  reconciler.adopt(shared(orders()));
  store_.before_saving = [this] { EXPECT_EQ(shown(resource::condition::kReady), ConditionStatus::kUnknown); };
  check(reconciler);
  EXPECT_EQ(shown(resource::condition::kReady), ConditionStatus::kTrue);
  EXPECT_EQ(store_.saves, 2);
}

TEST_F(ReconcilerTest, dates_are_told_by_role_with_the_anchor_that_was_used) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  std::vector<std::string> roles;
  for (const CertificateDates& dates : board_.find("payments/orders")->dates)
    roles.push_back(dates.role);
  EXPECT_THAT(roles, ::testing::UnorderedElementsAre("leaf", "intermediate", "ca"));
}

TEST_F(ReconcilerTest, every_certificate_has_the_moments_of_the_endpoints_own_thresholds) {
  Reconciler reconciler = make();
  resource::DatabaseEndpoint endpoint = orders();
  endpoint.spec.rotation.warn_before = resource::Threshold{Seconds(200'000), std::nullopt};
  endpoint.spec.rotation.critical_before = resource::Threshold{Seconds(100), std::nullopt};
  reconciler.adopt(shared(endpoint));
  check(reconciler);
  const auto view = board_.find("payments/orders");
  ASSERT_EQ(view->deadlines.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const verdict::PathCertificate& certificate = view->certificates->at(i);
    EXPECT_EQ(view->deadlines[i].role, certificate.role);
    EXPECT_EQ(view->deadlines[i].sha256, certificate.sha256);
    EXPECT_EQ(view->deadlines[i].due, certificate.not_after - Seconds(200'000));
    EXPECT_EQ(view->deadlines[i].critical, certificate.not_after - Seconds(100));
  }
}

TEST_F(ReconcilerTest, an_outage_changes_nothing_of_what_the_endpoint_depends_on) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  const auto before = board_.find("payments/orders");
  ASSERT_EQ(before->certificates->size(), 3U);
  EXPECT_EQ(before->certificates->back().role, "ca");
  refuse();
  check(reconciler);
  check(reconciler);
  const auto after = board_.find("payments/orders");
  EXPECT_EQ(*after->certificates, *before->certificates);
  EXPECT_EQ(after->dates.size(), 3U);
  EXPECT_EQ(after->status.last_reached_time, kToday);
}

TEST_F(ReconcilerTest, a_member_that_is_down_keeps_its_certificate) {
  const auto other = test_support::demo_pki(kToday, 30);
  bool up = true;
  observer_.answer([&](const auto&) {
    probe::Observation seen = healthy(pki_, clock_.now());
    seen.members.push_back(up ? healthy(other, clock_.now()) : refused(clock_.now()));
    seen.members.back().address = net::Address{"10.0.0.9", 5432};
    return seen;
  });
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  const auto told = [&] {
    const auto& certificates = *board_.find("payments/orders")->certificates;
    return std::count_if(certificates.begin(), certificates.end(), [&](const auto& one) {
      return one.role == "leaf" && one.sha256 == other.leaf.certificate->facts.sha256;
    });
  };
  ASSERT_EQ(told(), 1);
  up = false;
  for (int i = 0; i < 4; ++i)
    check(reconciler);
  EXPECT_EQ(told(), 1);
}

TEST_F(ReconcilerTest, after_a_restart_what_was_served_is_known_before_the_first_check) {
  {
    Reconciler reconciler = make();
    reconciler.adopt(shared(orders()));
    check(reconciler);
  }
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  const auto view = board_.find("payments/orders");
  ASSERT_EQ(view->certificates->size(), 3U);
  EXPECT_EQ(view->certificates->front().sha256, pki_.leaf.certificate->facts.sha256);
  EXPECT_FALSE(view->certificates->front().verified) << "nobody has looked at it since";
}

TEST_F(ReconcilerTest, an_unchanged_meaning_is_not_written_again_but_for_the_heartbeat) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  const int after_first = store_.saves;
  for (int i = 0; i < 5; ++i) {
    clock_.advance(Seconds(300));
    check(reconciler);
  }
  EXPECT_EQ(store_.saves, after_first);
  EXPECT_EQ(board_.find("payments/orders")->last_check, clock_.now())
      << "the exact time is known all the same";
  clock_.advance(Seconds(1800));
  check(reconciler);
  EXPECT_EQ(store_.saves, after_first + 1);
  EXPECT_EQ(saved().last_check_time, clock_.now());
}

TEST_F(ReconcilerTest, endpoints_that_were_checked_together_have_their_heartbeats_apart) {
  std::set<Seconds> heartbeats;
  for (int i = 0; i < 20; ++i) {
    FakeStore store;
    Reconciler reconciler({clock_, materials_, store, observer_, board_, metrics_, events_});
    resource::DatabaseEndpoint endpoint = orders();
    endpoint.metadata.uid = "4f1c2a9e-0000-4000-8000-0000000000" + std::to_string(10 + i);
    reconciler.adopt(shared(endpoint));
    check(reconciler);
    const int first = store.saves;
    const base::WallTime checked = clock_.now();
    while (store.saves == first) {
      clock_.advance(Seconds(20));
      check(reconciler);
    }
    EXPECT_GE(clock_.now() - checked, Seconds(2700));
    EXPECT_LE(clock_.now() - checked, Seconds(3320));
    heartbeats.insert(clock_.now() - checked);
  }
  EXPECT_GT(heartbeats.size(), 8u);
}

TEST_F(ReconcilerTest, failures_flip_a_condition_only_from_the_threshold_on) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  refuse();
  EXPECT_EQ(check(reconciler)->consecutive_failures, 1);
  EXPECT_EQ(shown(resource::condition::kReachable), ConditionStatus::kTrue);
  EXPECT_EQ(check(reconciler)->consecutive_failures, 2);
  EXPECT_EQ(shown(resource::condition::kReachable), ConditionStatus::kFalse);
  EXPECT_EQ(metrics_.reached, (std::vector<bool>{true, false, false}));
}

TEST_F(ReconcilerTest, a_restart_flips_no_condition_and_keeps_counting) {
  {
    Reconciler reconciler = make();
    reconciler.adopt(shared(orders()));
    check(reconciler);
    refuse();
    check(reconciler);
  }
  const resource::EndpointStatus before = saved();
  clock_.advance(Seconds(60));
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  EXPECT_TRUE(resource::same_meaning(board_.find("payments/orders")->status, before));
  EXPECT_EQ(check(reconciler)->consecutive_failures, 2) << "the failure before the restart counts";
  EXPECT_EQ(shown(resource::condition::kReachable), ConditionStatus::kFalse);
}

TEST_F(ReconcilerTest, what_happens_is_told_once_however_often_it_is_judged) {
  const test_support::DemoPki renewed = test_support::demo_pki(kToday + Seconds(86400), 90);
  materials_.trust(test_support::store_of({&pki_.root, &renewed.root}));
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  for (int i = 0; i < 3; ++i)
    check(reconciler);
  EXPECT_THAT(events_.told, ::testing::ElementsAre("payments/orders: Ready"));
  observer_.answer([&](const auto&) { return healthy(renewed, clock_.now()); });
  for (int i = 0; i < 3; ++i)
    check(reconciler);
  EXPECT_THAT(events_.told, ::testing::ElementsAre(::testing::_, "payments/orders: CertificateRotated"));
  EXPECT_THAT(events_.notes.back(),
              ::testing::AllOf(::testing::HasSubstr(pki_.leaf.certificate->facts.sha256),
                               ::testing::HasSubstr(renewed.leaf.certificate->facts.sha256)));
  EXPECT_EQ(saved().rotation->progress, resource::RotationProgress::kDone);
  Reconciler restarted = make();
  restarted.adopt(shared(orders()));
  check(restarted);
  EXPECT_EQ(events_.told.size(), 2U) << "a restart is no event";
}

TEST_F(ReconcilerTest, a_status_is_not_written_anew_for_every_day_that_passes) {
  Reconciler reconciler = make();
  auto endpoint = orders();
  endpoint.spec.check_interval = Seconds(7 * 86400);  // and so the heartbeat is out of the way
  reconciler.adopt(shared(endpoint));
  check(reconciler);
  const int after_first = store_.saves;
  for (int day = 0; day < 30; ++day) {
    clock_.advance(Seconds(86400));
    reconciler.judge_again("payments/orders");
  }
  EXPECT_EQ(store_.saves, after_first);
}

TEST_F(ReconcilerTest, transition_times_survive_a_restart) {
  {
    Reconciler reconciler = make();
    reconciler.adopt(shared(orders()));
    check(reconciler);
  }
  clock_.advance(Seconds(7200));
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  EXPECT_EQ(saved().find(resource::condition::kCertificateValid)->last_transition, kToday);
}

TEST_F(ReconcilerTest, a_new_spec_starts_counting_anew_and_gets_no_tolerance_from_the_old) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  resource::DatabaseEndpoint moved = orders();
  moved.metadata.generation = 2;
  moved.spec.host = "elsewhere";
  reconciler.adopt(shared(moved));
  refuse();
  EXPECT_EQ(check(reconciler)->consecutive_failures, 1);
  EXPECT_EQ(shown(resource::condition::kReachable), ConditionStatus::kFalse)
      << "that the old host was reachable says nothing of this one";
}

TEST_F(ReconcilerTest, an_outage_keeps_every_date_and_lets_the_expiry_come_due) {
  {
    Reconciler reconciler = make();
    reconciler.adopt(shared(orders()));
    check(reconciler);
  }
  EXPECT_EQ(saved().last_reached_time, kToday);
  EXPECT_EQ(shown(resource::condition::kRotationRecommended), ConditionStatus::kFalse);
  refuse();
  const auto known = board_.find("payments/orders")->dates;
  ASSERT_EQ(known.size(), 3U) << "leaf, intermediate and the root that only the trust store has";
  // The agent restarts in the middle of the outage.
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  for (int day = 0; day < 100; ++day) {
    clock_.advance(Seconds(86400));
    ASSERT_TRUE(check(reconciler));
    ASSERT_EQ(board_.find("payments/orders")->dates, known) << "day " << day;
    if (day < 70) continue;
    ASSERT_EQ(shown(resource::condition::kRotationRecommended), ConditionStatus::kTrue) << "day " << day;
  }
  EXPECT_EQ(saved().find(resource::condition::kRotationRecommended)->reason, "CertificateExpired");
  EXPECT_EQ(saved().last_reached_time, kToday);
  EXPECT_THAT(saved().find(resource::condition::kReachable)->message,
              ::testing::HasSubstr("it last answered at " + base::format_rfc3339(kToday)));
}

TEST_F(ReconcilerTest, failures_that_never_come_in_a_row_flip_nothing) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  for (int i = 0; i < 20; ++i) {
    clock_.advance(Seconds(60));
    refuse();
    check(reconciler);
    EXPECT_EQ(shown(resource::condition::kReachable), ConditionStatus::kTrue);
    EXPECT_EQ(shown(resource::condition::kReady), ConditionStatus::kTrue);
    observer_.answer([this](const auto&) { return healthy(pki_, clock_.now()); });
    check(reconciler);
  }
  for (const resource::Condition& condition : saved().conditions) {
    if (condition.type == resource::condition::kReconciling) continue;
    EXPECT_EQ(condition.last_transition, kToday) << condition.type;
  }
}

TEST_F(ReconcilerTest, another_host_does_not_inherit_what_the_old_one_served) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  refuse();
  resource::DatabaseEndpoint moved = orders();
  moved.metadata.generation = 2;
  moved.spec.host = "elsewhere";
  reconciler.adopt(shared(moved));
  check(reconciler);
  EXPECT_FALSE(saved().tls);
  EXPECT_THAT(board_.find("payments/orders")->dates, ::testing::IsEmpty());
  EXPECT_FALSE(saved().last_reached_time);
}

TEST_F(ReconcilerTest, an_endpoint_that_changes_during_its_check_keeps_its_status) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  observer_.answer([&](const auto&) {
    resource::DatabaseEndpoint changed = orders();
    changed.metadata.generation = 2;
    reconciler.adopt(shared(changed));
    return healthy(pki_, clock_.now());
  });
  EXPECT_FALSE(check(reconciler));
  EXPECT_EQ(shown(resource::condition::kReady), ConditionStatus::kUnknown);
}

TEST_F(ReconcilerTest, an_endpoint_that_goes_during_its_check_stays_gone) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  observer_.answer([&](const auto&) {
    reconciler.forget("payments/orders");
    return healthy(pki_, clock_.now());
  });
  EXPECT_FALSE(check(reconciler));
  EXPECT_FALSE(board_.find("payments/orders"));
}

TEST_F(ReconcilerTest, a_cancelled_check_says_nothing) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  observer_.answer([&](const auto&) {
    probe::Observation seen = refused(clock_.now());
    seen.failure->cause = probe::Cause::kCancelled;
    return seen;
  });
  const int saves = store_.saves;
  EXPECT_FALSE(check(reconciler));
  EXPECT_EQ(store_.saves, saves);
  EXPECT_EQ(shown(resource::condition::kReachable), ConditionStatus::kTrue);
}

TEST_F(ReconcilerTest, a_date_that_passes_turns_the_verdict_without_a_look_at_the_database) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  const auto report = check(reconciler);
  ASSERT_TRUE(report && report->next_date);
  EXPECT_LE(*report->next_date, kToday + Seconds(600));
  clock_.advance(Seconds(200 * 86400));
  ASSERT_TRUE(reconciler.judge_again("payments/orders"));
  EXPECT_EQ(observer_.targets.size(), 1U);
  EXPECT_EQ(shown(resource::condition::kCertificateValid), ConditionStatus::kFalse);
  EXPECT_EQ(saved().find(resource::condition::kCertificateValid)->status, ConditionStatus::kFalse);
  EXPECT_EQ(saved().last_check_time, kToday);
}

TEST_F(ReconcilerTest, a_revocation_list_that_expires_turns_the_verdict_as_well) {
  const test_support::CrlSpec list{.this_update = kToday - Seconds(60), .next_update = kToday + Seconds(41)};
  FakeMaterials materials(pki::make_trust_store({pki_.root.certificate}, "CA",
                                                {test_support::mint_crl(list, pki_.intermediate)}));
  Reconciler reconciler({clock_, materials, store_, observer_, board_, metrics_, events_});
  reconciler.adopt(shared(orders()));
  const auto report = check(reconciler);
  ASSERT_TRUE(report && report->next_date);
  EXPECT_EQ(*report->next_date, kToday + Seconds(42));
  EXPECT_EQ(saved().find(resource::condition::kCertificateValid)->reason, "ChainVerified");
  clock_.advance(Seconds(42));
  ASSERT_TRUE(reconciler.judge_again("payments/orders"));
  EXPECT_EQ(saved().find(resource::condition::kCertificateValid)->reason, "RevocationListStale");
}

TEST_F(ReconcilerTest, a_suspended_endpoint_says_so_and_keeps_the_dates_it_knows) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  resource::DatabaseEndpoint suspended = orders();
  suspended.metadata.generation = 2;
  suspended.spec.suspend = true;
  reconciler.adopt(shared(suspended));
  EXPECT_EQ(saved().find(resource::condition::kReady)->reason, "Suspended");
  EXPECT_TRUE(saved().tls);
  EXPECT_FALSE(board_.find("payments/orders")->deadlines.empty()) << "a suspension must not hide an expiry";
}

TEST_F(ReconcilerTest, what_could_not_be_saved_is_saved_at_the_next_check) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  store_.broken = true;
  check(reconciler);
  EXPECT_EQ(saved().find(resource::condition::kCertificateValid)->status, ConditionStatus::kUnknown);
  store_.broken = false;
  check(reconciler);
  EXPECT_EQ(saved().find(resource::condition::kCertificateValid)->status, ConditionStatus::kTrue);
}

TEST_F(ReconcilerTest, hands_the_bastion_to_the_probe) {
  materials_.bastion = std::make_shared<net::SshSettings>();
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  EXPECT_EQ(observer_.targets.at(0).bastion, materials_.bastion);
}

TEST_F(ReconcilerTest, material_that_is_not_settled_is_looked_at_again_soon) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  EXPECT_FALSE(check(reconciler)->at_latest);
  materials_.look_again = Seconds(5);
  EXPECT_EQ(check(reconciler)->at_latest, Seconds(5));
}

class PlaintextReconcilerTest : public ReconcilerTest {
 protected:
  void answer_plaintext(probe::Tristate accepted, std::optional<probe::Failure> failure = {}) {
    observer_.answer([=, this](const probe::Target& target) {
      probe::Observation seen = healthy(pki_, clock_.now());
      if (target.plaintext_due) {
        seen.plaintext = probe::PlaintextObservation{accepted, failure, clock_.now(), false};
      }
      return seen;
    });
  }
};

TEST_F(PlaintextReconcilerTest, plaintext_is_attempted_once_per_interval_and_its_answer_carried_on) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  answer_plaintext(probe::Tristate::kYes);
  check(reconciler);
  EXPECT_TRUE(observer_.targets.at(0).plaintext_due);
  const resource::EndpointStatus first = saved();
  clock_.advance(Seconds(300));
  check(reconciler);
  EXPECT_FALSE(observer_.targets.at(1).plaintext_due);
  EXPECT_TRUE(resource::same_meaning(saved(), first)) << "the answer of before still counts";
  clock_.advance(Seconds(86400));
  check(reconciler);
  EXPECT_TRUE(observer_.targets.at(2).plaintext_due);
}

TEST_F(PlaintextReconcilerTest, an_attempt_that_the_network_spoilt_is_made_again_and_forgets_nothing) {
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  answer_plaintext(probe::Tristate::kNo);
  check(reconciler);
  clock_.advance(Seconds(86400));
  using probe::Cause;
  using probe::Stage;
  for (const auto& [stage, cause] : {std::pair(Stage::kPlaintext, Cause::kTimedOut),
                                     std::pair(Stage::kPlaintext, Cause::kForwardingRefused),
                                     std::pair(Stage::kTunnel, Cause::kHostKeyMismatch)}) {
    answer_plaintext(probe::Tristate::kUnknown, probe::Failure{stage, cause, "spoilt", {}, {}});
    check(reconciler);
    EXPECT_TRUE(observer_.targets.back().plaintext_due);
    EXPECT_EQ(store_.record("payments/orders").memory.plaintext->accepted, probe::Tristate::kNo);
  }
}

TEST_F(PlaintextReconcilerTest, the_answer_survives_a_restart) {
  answer_plaintext(probe::Tristate::kYes);
  {
    Reconciler reconciler = make();
    reconciler.adopt(shared(orders()));
    check(reconciler);
  }
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  EXPECT_FALSE(observer_.targets.at(1).plaintext_due);
}

TEST_F(ReconcilerTest, legacy_protocols_are_offered_once_per_interval_and_the_answer_is_carried_on) {
  observer_.answer([this](const probe::Target& target) {
    probe::Observation seen = healthy(pki_, clock_.now());
    if (target.legacy_protocols_due) {
      seen.legacy_protocols = probe::LegacyProtocolObservation{clock_.now(), {resource::TlsVersion::kTls11}};
    }
    return seen;
  });
  {
    Reconciler reconciler = make();
    reconciler.adopt(shared(orders()));
    check(reconciler);
    EXPECT_TRUE(observer_.targets.at(0).legacy_protocols_due);
    clock_.advance(Seconds(300));
    check(reconciler);
    EXPECT_FALSE(observer_.targets.at(1).legacy_protocols_due);
    EXPECT_EQ(saved().tls->legacy_versions, std::vector<std::string>{"TLSv1.1"});
  }
  // A restart does not make it due again; a day does.
  Reconciler reconciler = make();
  reconciler.adopt(shared(orders()));
  check(reconciler);
  EXPECT_FALSE(observer_.targets.at(2).legacy_protocols_due);
  clock_.advance(Seconds(86400));
  check(reconciler);
  EXPECT_TRUE(observer_.targets.at(3).legacy_protocols_due);
}

TEST_F(ReconcilerTest, legacy_protocols_are_not_offered_where_the_spec_says_so) {
  Reconciler reconciler = make();
  resource::DatabaseEndpoint endpoint = orders();
  endpoint.spec.legacy_protocol_check.enabled = false;
  reconciler.adopt(shared(endpoint));
  check(reconciler);
  EXPECT_FALSE(observer_.targets.at(0).legacy_protocols_due);
}

TEST_F(PlaintextReconcilerTest, plaintext_is_not_attempted_where_the_spec_says_so) {
  Reconciler reconciler = make();
  resource::DatabaseEndpoint endpoint = orders();
  endpoint.spec.plaintext_check.enabled = false;
  reconciler.adopt(shared(endpoint));
  check(reconciler);
  EXPECT_FALSE(observer_.targets.at(0).plaintext_due);
}

}  // namespace
}  // namespace tlswarden::reconcile

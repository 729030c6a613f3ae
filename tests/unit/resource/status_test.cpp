#include "resource/status.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "resource/endpoint.hpp"

namespace tlswarden::resource {
namespace {

using base::Seconds;
using base::WallTime;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr WallTime kThen{Seconds{1'700'000'000}};
constexpr WallTime kNow{Seconds{1'700'000'600}};

Condition condition_of(const char* type, ConditionStatus status, WallTime at = {}) {
  return {type, status, "Reason", "message", at, 1};
}

TEST(CarryTransitions, KeepsTheTimeWhileTheStatusStandsEvenWhenReasonAndMessageChange) {
  Condition next = condition_of(condition::kReady, ConditionStatus::kTrue);
  next.reason = "Other";
  next.message = "other";
  const auto carried =
      carry_transitions({condition_of(condition::kReady, ConditionStatus::kTrue, kThen)}, {next}, kNow);
  EXPECT_EQ(carried.at(0).last_transition, kThen);
  EXPECT_EQ(carried.at(0).reason, "Other");
}

TEST(CarryTransitions, DatesAFlipAndANewConditionNow) {
  const auto carried = carry_transitions({condition_of(condition::kReady, ConditionStatus::kTrue, kThen)},
                                         {condition_of(condition::kReady, ConditionStatus::kUnknown),
                                          condition_of(condition::kReachable, ConditionStatus::kTrue)},
                                         kNow);
  EXPECT_EQ(carried.at(0).last_transition, kNow);
  EXPECT_EQ(carried.at(1).last_transition, kNow);
}

EndpointStatus full_status() {
  EndpointStatus status;
  status.observed_generation = 3;
  status.conditions = {condition_of(condition::kReady, ConditionStatus::kTrue, kThen)};
  status.last_check_time = kThen;
  status.server.version = "15.4";
  status.tls = TlsStatus{"TLSv1.3", "TLS_AES_256_GCM_SHA384", {CertificateStatus{}}};
  status.modes = {{TlsMode::kRequire, RungOutcome::kWorks, "", ""}};
  status.strongest_mode = TlsMode::kRequire;
  status.expiry = Expiry{kNow, "leaf", "CN=db", kThen, TimeWindow{kThen, kNow}};
  status.advice = {
      {"RotateServerCertificate", Urgency::kSoon, kNow, "CertificateExpiring", "Rotate.", {"Do."}}};
  return status;
}

TEST(SameMeaning, IgnoresWhenTheCheckAndTheTransitionsWere) {
  EndpointStatus other = full_status();
  other.last_check_time = kNow;
  other.conditions[0].last_transition = kNow;
  EXPECT_TRUE(same_meaning(full_status(), other));
}

struct Change {
  const char* name;
  std::function<void(EndpointStatus&)> apply;
};

class SameMeaningNotices : public ::testing::TestWithParam<Change> {};
INSTANTIATE_TEST_SUITE_P(
    Changes, SameMeaningNotices,
    ::testing::Values(Change{"Generation", [](auto& s) { s.observed_generation = 4; }},
                      Change{"ConditionStatus",
                             [](auto& s) { s.conditions[0].status = ConditionStatus::kFalse; }},
                      Change{"ConditionReason", [](auto& s) { s.conditions[0].reason = "X"; }},
                      Change{"ConditionMessage", [](auto& s) { s.conditions[0].message = "x"; }},
                      Change{"OneConditionMore", [](auto& s) { s.conditions.push_back({}); }},
                      Change{"ServerVersion", [](auto& s) { s.server.version = "15.5"; }},
                      Change{"ServerAddress", [](auto& s) { s.server.address = "10.0.0.8"; }},
                      Change{"NoTls", [](auto& s) { s.tls.reset(); }},
                      Change{"Cipher", [](auto& s) { s.tls->cipher = "x"; }},
                      Change{"Certificate", [](auto& s) { s.tls->chain[0].sha256 = "x"; }},
                      Change{"RungOutcome", [](auto& s) { s.modes[0].outcome = RungOutcome::kRejected; }},
                      Change{"Mode", [](auto& s) { s.mode = TlsMode::kPrefer; }},
                      Change{"StrongestMode", [](auto& s) { s.strongest_mode = TlsMode::kVerifyCa; }},
                      Change{"Expiry", [](auto& s) { s.expiry->not_after = kThen; }},
                      Change{"RotateBy", [](auto& s) { s.expiry->rotate_by.reset(); }},
                      Change{"Window", [](auto& s) { s.expiry->window->end = kThen; }},
                      Change{"Urgency", [](auto& s) { s.advice[0].urgency = Urgency::kNow; }},
                      Change{"Steps", [](auto& s) { s.advice[0].steps.clear(); }}),
    [](const auto& param) { return param.param.name; });

TEST_P(SameMeaningNotices, AnythingElse) {
  EndpointStatus other = full_status();
  GetParam().apply(other);
  EXPECT_FALSE(same_meaning(full_status(), other));
}

TEST(Condition, IsFoundByType) {
  const EndpointStatus status = full_status();
  ASSERT_NE(status.find(condition::kReady), nullptr);
  EXPECT_EQ(status.find(condition::kReady)->status, ConditionStatus::kTrue);
  EXPECT_EQ(status.find(condition::kStalled), nullptr);
}

TEST(Condition, FourTypesAreAbnormalWhenTrue) {
  std::vector<std::string> abnormal;
  for (const char* type : kAllConditions) {
    if (abnormal_when_true(type)) abnormal.emplace_back(type);
  }
  EXPECT_THAT(abnormal,
              ElementsAre("RotationRecommended", "ModeChangeRecommended", "Reconciling", "Stalled"));
}

}  // namespace
}  // namespace tlswarden::resource

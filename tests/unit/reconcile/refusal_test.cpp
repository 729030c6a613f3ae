#include "reconcile/refusal.hpp"

#include <gmock/gmock.h>

#include "reconcile/transitions.hpp"

namespace tlswarden::reconcile {
namespace {

using resource::ConditionStatus;
using resource::Diagnostic;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr base::WallTime kNow{base::Seconds(1'800'000'000)};

Diagnostic problem(const std::string& field, const std::string& message) {
  return {Diagnostic::Severity::kError, {}, 0, field, message};
}

resource::EndpointStatus refused(const resource::EndpointStatus& previous, base::WallTime now = kNow,
                                 std::int64_t generation = 4, const char* field = "spec.pace") {
  resource::Metadata metadata;
  metadata.generation = generation;
  return refused_status(metadata, refusal_sentence({problem(field, "there is no such field")}), previous,
                        now);
}

TEST(Refusal, names_the_fields_and_is_bounded) {
  EXPECT_EQ(refusal_sentence({problem("spec.host", "it is missing"), problem("", "odd")}),
            "the resource cannot be used: spec.host: it is missing; odd");
  const std::vector<Diagnostic> many(1000, problem(std::string(10'000, 'x'), "odd"));
  EXPECT_LT(refusal_sentence(many).size(), 4000u);
  EXPECT_THAT(refusal_sentence(many), HasSubstr("; and 995 more"));
  EXPECT_THAT(refusal_sentence({problem("spec.\x1b[2J", "odd")}), Not(HasSubstr("\x1b")));
}

TEST(Refusal, is_not_ready_and_stalled_for_this_generation) {
  const resource::EndpointStatus status = refused({});
  EXPECT_EQ(status.observed_generation, 4);
  EXPECT_EQ(status.conditions.size(), resource::kAllConditions.size());
  for (const resource::Condition& condition : status.conditions) {
    EXPECT_EQ(condition.reason, "SpecInvalid");
    EXPECT_EQ(condition.observed_generation, 4);
    EXPECT_THAT(condition.message, HasSubstr("spec.pace: there is no such field. Next: "));
  }
  EXPECT_EQ(status.find(resource::condition::kReady)->status, ConditionStatus::kFalse);
  EXPECT_EQ(status.find(resource::condition::kStalled)->status, ConditionStatus::kTrue);
  EXPECT_EQ(status.find(resource::condition::kReconciling)->status, ConditionStatus::kFalse);
  EXPECT_EQ(status.find(resource::condition::kCertificateValid)->status, ConditionStatus::kUnknown);
}

TEST(Refusal, keeps_what_was_seen_and_nothing_that_was_judged) {
  resource::EndpointStatus seen;
  seen.expiry.emplace();
  seen.server.version = "16.4";
  seen.mode = resource::TlsMode::kRequire;
  seen.advice.emplace_back();
  seen.modes.emplace_back();
  const resource::EndpointStatus status = refused(seen);
  EXPECT_TRUE(status.expiry);
  EXPECT_EQ(status.server.version, "16.4");
  EXPECT_FALSE(status.mode);
  EXPECT_TRUE(status.advice.empty() && status.modes.empty());
}

TEST(Refusal, that_goes_on_says_the_same) {
  const resource::EndpointStatus first = refused({});
  const resource::EndpointStatus second = refused(first, kNow + base::Seconds(3600));
  EXPECT_EQ(second.conditions.front().last_transition, kNow);
  EXPECT_TRUE(resource::same_meaning(first, second));
}

TEST(Refusal, is_an_event_once_for_each_version_and_each_complaint) {
  const resource::EndpointStatus first = refused({});
  const auto event = event_of_refusal({}, first);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, Event::Type::kWarning);
  EXPECT_EQ(event->reason, "Stalled");
  EXPECT_THAT(event->note, HasSubstr("SpecInvalid: "));
  EXPECT_THAT(event->note, HasSubstr("spec.pace: there is no such field"));
  EXPECT_FALSE(event_of_refusal(first, refused(first, kNow + base::Seconds(3600))));

  const resource::EndpointStatus edited = refused(first, kNow, 5);
  EXPECT_EQ(event_of_refusal(first, edited), event) << "the same again: a series";
  const resource::EndpointStatus other = refused(edited, kNow, 5, "spec.place");
  ASSERT_TRUE(event_of_refusal(edited, other)) << "what another agent complains of";
  EXPECT_THAT(event_of_refusal(edited, other)->note, HasSubstr("spec.place"));
}

TEST(Refusal, of_what_had_stalled_for_another_reason_is_an_event_too) {
  resource::EndpointStatus stalled = refused({});
  for (resource::Condition& condition : stalled.conditions)
    condition.reason = "ReferenceInvalid";
  EXPECT_TRUE(event_of_refusal(stalled, refused(stalled)));
}

}  // namespace
}  // namespace tlswarden::reconcile

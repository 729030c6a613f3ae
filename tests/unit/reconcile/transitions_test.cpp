#include "reconcile/transitions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tlswarden::reconcile {
namespace {

namespace condition = resource::condition;
using resource::ConditionStatus;
using resource::EndpointStatus;
using resource::RotationProgress;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kTrue = ConditionStatus::kTrue;
constexpr auto kFalse = ConditionStatus::kFalse;
constexpr auto kUnknown = ConditionStatus::kUnknown;

/// Everything is well.
EndpointStatus well() {
  EndpointStatus status;
  for (const char* type : resource::kAllConditions) {
    status.conditions.push_back(
        {type, resource::abnormal_when_true(type) ? kFalse : kTrue, "Fine", "All is well.", {}, 1});
  }
  status.rotation.emplace();
  return status;
}

EndpointStatus with(EndpointStatus status, const char* type, ConditionStatus value) {
  for (resource::Condition& each : status.conditions) {
    if (each.type != type) continue;
    each.status = value;
    each.reason = "SomeReason";
    each.message = std::string(type) + " turned.";
  }
  return status;
}

auto warning(const char* reason) {
  return AllOf(Field(&Event::type, Event::Type::kWarning), Field(&Event::reason, reason));
}
auto normal(const char* reason) {
  return AllOf(Field(&Event::type, Event::Type::kNormal), Field(&Event::reason, reason));
}

struct Turned {
  const char* condition;
  const char* broken;
  const char* restored;
};

class Turns : public ::testing::TestWithParam<Turned> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Turns,
    ::testing::Values(
        Turned{condition::kReachable, "Unreachable", "Recovered"},
        Turned{condition::kModeSatisfied, "ModeBroken", "ModeRestored"},
        Turned{condition::kCertificateValid, "CertificateInvalid", "CertificateValid"},
        Turned{condition::kClientCertificateValid, "ClientCertificateInvalid", "ClientCertificateValid"},
        Turned{condition::kServedCertificateMatched, "ServedCertificateDiffers", "ServedCertificateMatched"},
        Turned{condition::kNextCaReady, "NextCANotReady", "NextCAReady"},
        Turned{condition::kServerVersionMatched, "VersionMismatch", "VersionMatched"},
        Turned{condition::kSessionEncrypted, "SessionNotEncrypted", "SessionEncrypted"},
        Turned{condition::kStalled, "Stalled", "Proceeding"}),
    [](const auto& param) { return param.param.broken; });

TEST_P(Turns, AreToldOnceEach) {
  const Turned& turned = GetParam();
  const bool abnormal = resource::abnormal_when_true(turned.condition);
  const auto broken = with(well(), turned.condition, abnormal ? kTrue : kFalse);
  const auto unknown = with(well(), turned.condition, kUnknown);
  const auto events = events_between(well(), broken);
  ASSERT_THAT(events, ElementsAre(warning(turned.broken)));
  EXPECT_EQ(events.front().note, "SomeReason: " + std::string(turned.condition) + " turned.");
  EXPECT_THAT(events_between(broken, well()), ElementsAre(normal(turned.restored)));
  EXPECT_THAT(events_between(unknown, broken), ElementsAre(warning(turned.broken)));
  EXPECT_THAT(events_between(unknown, well()), IsEmpty()) << "good news of what nobody worried about";
  auto reworded = broken;
  for (auto& each : reworded.conditions)
    each.message += " Again.";
  EXPECT_THAT(events_between(broken, reworded), IsEmpty());
}

TEST(Transitions, OneDriftAfterAnotherIsTold) {
  const auto pending = with(well(), condition::kServedCertificateMatched, kFalse);
  auto unfit = pending;
  for (resource::Condition& each : unfit.conditions) {
    if (each.type == condition::kServedCertificateMatched) each.reason = "DeclaredCertificateUnfit";
  }
  EXPECT_THAT(events_between(pending, unfit), ElementsAre(warning("ServedCertificateDiffers")));
  EXPECT_THAT(events_between(unfit, unfit), IsEmpty());
}

TEST(Transitions, TheFirstStatusTellsOnlyWhatIsBad) {
  EXPECT_THAT(events_between({}, well()), ElementsAre(normal("Ready")));
  EXPECT_THAT(
      events_between({}, with(with(well(), condition::kReady, kFalse), condition::kModeSatisfied, kFalse)),
      ElementsAre(warning("ModeBroken")));
}

TEST(Transitions, ReadySpeaksOnlyWhereNothingElseDoes) {
  const auto down = with(well(), condition::kReady, kFalse);
  EXPECT_THAT(events_between(well(), down), ElementsAre(warning("NotReady")));
  EXPECT_THAT(events_between(down, well()), ElementsAre(normal("Ready")));
  const auto unreachable = with(down, condition::kReachable, kFalse);
  EXPECT_THAT(events_between(well(), unreachable), ElementsAre(warning("Unreachable")));
  EXPECT_THAT(events_between(unreachable, well()), ElementsAre(normal("Recovered")));
}

TEST(Transitions, ReadyIsNotSilencedByWhatHasNothingToDoWithIt) {
  const auto down = with(well(), condition::kReady, kFalse);
  EXPECT_THAT(events_between(well(), with(down, condition::kRotationRecommended, kTrue)),
              ElementsAre(warning("NotReady"), warning("ExpiryNear")));
  EXPECT_THAT(events_between(well(), with(down, condition::kServedCertificateMatched, kFalse)),
              ElementsAre(warning("NotReady"), warning("ServedCertificateDiffers")));
  // The key that was missing has come, and with it the certificate is taken up.
  auto rotated = well();
  rotated.rotation->last = resource::SeenRotation{{}, "client", "aa11", "bb22"};
  EXPECT_THAT(events_between(down, rotated), ElementsAre(normal("Ready"), normal("CertificateRotated")));
}

TEST(Transitions, AnExpiryIsToldWhenItComesNearAndWhenItIsCritical) {
  const auto near = with(well(), condition::kRotationRecommended, kTrue);
  auto critical = near;
  critical.advice.push_back({"RotateServerCertificate",
                             resource::Urgency::kNow,
                             {},
                             "CertificateExpiring",
                             "Certificate expires on 2026-12-05.",
                             {}});
  EXPECT_THAT(events_between(well(), near), ElementsAre(warning("ExpiryNear")));
  EXPECT_THAT(events_between(near, critical), ElementsAre(warning("ExpiryCritical")));
  EXPECT_THAT(events_between(well(), critical), ElementsAre(warning("ExpiryCritical")));
  EXPECT_THAT(events_between(critical, critical), IsEmpty());
  auto overdue = critical;
  overdue.rotation->progress = RotationProgress::kOverdue;
  EXPECT_THAT(events_between(critical, overdue), ElementsAre(warning("RotationOverdue")));
  EXPECT_THAT(events_between(overdue, overdue), IsEmpty());
}

TEST(Transitions, ARotationNamesBothFingerprints) {
  auto rotated = well();
  rotated.rotation->last = resource::SeenRotation{{}, "leaf", "aa11", "bb22"};
  const auto events = events_between(well(), rotated);
  ASSERT_THAT(events, ElementsAre(normal("CertificateRotated")));
  EXPECT_EQ(events.front().note, "A new server certificate was seen: sha256 bb22 in the place of aa11.");
  EXPECT_THAT(events_between(rotated, rotated), IsEmpty());
}

TEST(Transitions, TwoRotationsAtOnceAreBothTold) {
  auto before = well();
  before.rotation->client_sha256 = "cc33";
  auto after = before;
  after.rotation->client_sha256 = "dd44";
  after.rotation->last = resource::SeenRotation{{}, "leaf", "aa11", "bb22"};
  const auto events = events_between(before, after);
  ASSERT_THAT(events, ElementsAre(normal("CertificateRotated"), normal("CertificateRotated")));
  EXPECT_THAT(events.back().note, HasSubstr("client certificate was seen: sha256 dd44 in the place of cc33"));
}

resource::MemberStatus member(const char* address, const char* sha256, const char* before = nullptr) {
  resource::MemberStatus made;
  made.address = address;
  made.sha256 = sha256;
  if (before != nullptr) made.change = resource::MemberChange{{}, resource::MemberTurn::kRotated, before};
  return made;
}

TEST(Transitions, ARollingRotationIsToldWhenItBeginsAndWhenItIsDone) {
  auto old = well();
  old.members = {member("a:1", "aa11"), member("b:1", "aa11"), member("c:1", "aa11")};
  auto begun = old;
  begun.members[1] = member("b:1", "bb22", "aa11");
  const auto first = events_between(old, begun);
  ASSERT_THAT(first, ElementsAre(normal("RotationStarted")));
  EXPECT_EQ(
      first.front().note,
      "A new server certificate was seen at member b:1 (1 of 3): sha256 bb22 in the place of aa11, which "
      "members a:1, c:1 (2 of 3) still serve.");
  auto almost = begun;
  almost.members[2] = member("c:1", "bb22", "aa11");
  EXPECT_THAT(events_between(begun, almost), IsEmpty());
  auto done = almost;
  done.members[0] = member("a:1", "bb22", "aa11");
  done.rotation->last = resource::SeenRotation{{}, "leaf", "aa11", "bb22"};
  const auto last = events_between(almost, done);
  ASSERT_THAT(last, ElementsAre(normal("CertificateRotated")));
  EXPECT_EQ(last.front().note,
            "A new server certificate was seen at all 3 members: sha256 bb22 in the place of aa11.");
  EXPECT_THAT(events_between(done, done), IsEmpty());
}

TEST(Transitions, RotationsOfManyMembersAtOnceAreOneSentence) {
  const std::string number(62, 'f');
  auto before = well();
  auto after = well();
  for (char c = 'a'; c < 'k'; ++c) {
    const std::string address = std::string("10.0.0.1") + c + ":5432";
    before.members.push_back(member(address.c_str(), (number + c).c_str()));
    after.members.push_back(member(address.c_str(), (number + 'x' + c).c_str(), (number + c).c_str()));
  }
  const auto events = events_between(before, after);
  ASSERT_THAT(events, ElementsAre(normal("CertificateRotated")));
  EXPECT_THAT(events.front().note, HasSubstr("10.0.0.1c:5432 (1 of 10)"));
  EXPECT_THAT(events.front().note, HasSubstr("; and 7 more."));
}

TEST(Transitions, ANoteIsOneBoundedLine) {
  auto down = with(well(), condition::kReachable, kFalse);
  for (auto& each : down.conditions)
    each.message = "It says:\nServer: \"" + std::string(5000, 'x') + "\"";
  const auto events = events_between(well(), down);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_LE(events.front().note.size(), 1000U);
  EXPECT_EQ(events.front().note.find('\n'), std::string::npos);
  EXPECT_THAT(events.front().note, HasSubstr("It says: Server: \"xx"));
}

}  // namespace
}  // namespace tlswarden::reconcile

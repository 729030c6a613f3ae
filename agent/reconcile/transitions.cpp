#include "reconcile/transitions.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "verdict/member_rotations.hpp"

namespace tlswarden::reconcile {
namespace {

namespace condition = resource::condition;
using resource::ConditionStatus;
using resource::EndpointStatus;
using resource::RotationProgress;

constexpr std::size_t kLongestNote = 990;  // an ellipsis may follow
constexpr const char* kSilent = nullptr;
constexpr const char* kStalledEvent = "Stalled";

/// What a condition's turns are called.
struct Turn {
  const char* condition;
  const char* broken;
  const char* restored;
};

/// Of these, Ready repeats the one that it turns with.
constexpr std::array kTurnsOfReady{
    Turn{condition::kReachable, "Unreachable", "Recovered"},
    Turn{condition::kModeSatisfied, "ModeBroken", "ModeRestored"},
    Turn{condition::kClientCertificateValid, "ClientCertificateInvalid", "ClientCertificateValid"},
    Turn{condition::kServerVersionMatched, "VersionMismatch", "VersionMatched"},
    Turn{condition::kSessionEncrypted, "SessionNotEncrypted", "SessionEncrypted"},
    Turn{condition::kStalled, kStalledEvent, "Proceeding"}};

constexpr std::array kOtherTurns{
    Turn{condition::kCertificateValid, "CertificateInvalid", "CertificateValid"},
    Turn{condition::kServedCertificateMatched, "ServedCertificateDiffers", "ServedCertificateMatched"},
    Turn{condition::kNextCaReady, "NextCANotReady", "NextCAReady"}};

/// One drift after another without a good check between them is news: what is to be done is another thing.
bool is_another_drift(const resource::Condition& before, const resource::Condition& now) {
  return now.type == condition::kServedCertificateMatched && before.reason != now.reason;
}

Event make_event(Event::Type type, const char* reason, std::string note) {
  std::replace(note.begin(), note.end(), '\n', ' ');
  return {type, reason, base::printable(note, kLongestNote)};
}

std::string note_of(const resource::Condition& condition) {
  return condition.reason + ": " + condition.message;
}

class Events {
 public:
  void add(Event::Type type, const char* reason, std::string note) {
    events_.push_back(make_event(type, reason, std::move(note)));
  }
  /// Under the name that fits the way in which the condition turned, if it did.
  void add_turn(const EndpointStatus& previous, const EndpointStatus& next, const Turn& turn) {
    const resource::Condition* now = next.find(turn.condition);
    const resource::Condition* before = previous.find(turn.condition);
    if (now == nullptr) return;
    const bool abnormal = resource::abnormal_when_true(turn.condition);
    const auto bad = abnormal ? ConditionStatus::kTrue : ConditionStatus::kFalse;
    const auto good = abnormal ? ConditionStatus::kFalse : ConditionStatus::kTrue;
    const auto was = before == nullptr ? ConditionStatus::kUnknown : before->status;
    const std::string note = note_of(*now);
    if (now->status == bad && (was != bad || is_another_drift(*before, *now)))
      add(Event::Type::kWarning, turn.broken, note);
    if (now->status == good && was == bad && turn.restored != kSilent)
      add(Event::Type::kNormal, turn.restored, note);
  }
  bool has(Event::Type type) const {
    return std::any_of(events_.begin(), events_.end(), [&](const Event& e) { return e.type == type; });
  }
  std::vector<Event> take() {
    std::stable_sort(events_.begin(), events_.end(),
                     [](const Event& a, const Event& b) { return a.type > b.type; });
    return std::move(events_);
  }

 private:
  std::vector<Event> events_;
};

/// The advice to rotate at once, if there is any.
const resource::Advice* urgent_rotation(const EndpointStatus& status) {
  const auto found =
      std::find_if(status.advice.begin(), status.advice.end(), [](const resource::Advice& item) {
        return item.urgency == resource::Urgency::kNow && item.action.starts_with("Rotate");
      });
  return found == status.advice.end() ? nullptr : &*found;
}

void add_expiry(const EndpointStatus& previous, const EndpointStatus& next, Events& events) {
  const resource::Advice* urgent = urgent_rotation(next);
  if (urgent != nullptr && urgent_rotation(previous) == nullptr) {
    events.add(Event::Type::kWarning, "ExpiryCritical", urgent->reason + ": " + urgent->message);
  } else {
    events.add_turn(previous, next, {condition::kRotationRecommended, "ExpiryNear", kSilent});
  }
  const bool overdue = next.rotation && next.rotation->progress == RotationProgress::kOverdue;
  const bool was_overdue = previous.rotation && previous.rotation->progress == RotationProgress::kOverdue;
  if (!overdue || was_overdue) return;
  const resource::Condition* why = next.find(condition::kRotationRecommended);
  events.add(Event::Type::kWarning, "RotationOverdue",
             why == nullptr ? "The time to rotate has passed." : why->message);
}

void add_rotation(const std::string& role, const std::string& before, const std::string& after,
                  Events& events) {
  events.add(Event::Type::kNormal, "CertificateRotated",
             "A new " + (role == "client" ? std::string("client") : "server") +
                 " certificate was seen: sha256 " + after + " in the place of " + before + ".");
}

/// "member 10.0.0.8:5432 (1 of 3): sha256 … in the place of …".
std::string at_members(const verdict::MemberRotation& rotation, std::size_t total) {
  const bool all = rotation.serving.size() == total;
  return (all ? "all " + std::to_string(total) + " members"
              : verdict::members_named(rotation.serving, total)) +
         ": sha256 " + rotation.new_sha256 + " in the place of " + rotation.old_sha256;
}

/// One sentence for all that members did between two checks: each begins, and is done, for all of them.
void add_member_rotations(const char* reason, const verdict::MemberRotations& rotations, std::size_t total,
                          Events& events) {
  constexpr std::size_t kShown = 3;
  if (rotations.empty()) return;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(rotations.size(), kShown); ++i) {
    const verdict::MemberRotation& one = rotations[i];
    parts.push_back(at_members(one, total));
    if (!one.waiting.empty()) {
      parts.back() += ", which " + verdict::members_named(one.waiting, total) +
                      (one.waiting.size() == 1 ? " still serves" : " still serve");
    }
  }
  const std::string more =
      rotations.size() > kShown ? "; and " + std::to_string(rotations.size() - kShown) + " more" : "";
  events.add(Event::Type::kNormal, reason,
             "A new server certificate was seen at " + base::join(parts, "; at ") + more + ".");
}

void add_rotations_of_members(const EndpointStatus& previous, const EndpointStatus& next, Events& events) {
  const std::size_t total = next.members.size();
  add_member_rotations("CertificateRotated", verdict::rotations_finished(previous.members, next.members),
                       total, events);
  add_member_rotations("RotationStarted", verdict::rotations_begun(previous.members, next.members), total,
                       events);
}

void add_rotations(const EndpointStatus& previous, const EndpointStatus& next, Events& events) {
  if (!next.rotation || !next.rotation->last) return;
  const resource::SeenRotation& seen = *next.rotation->last;
  if (previous.rotation && previous.rotation->last == seen) return;
  const bool of_members = seen.role != "client" && !next.members.empty();
  if (!of_members) add_rotation(seen.role, seen.old_sha256, seen.new_sha256, events);
  // Both at once: the status has room for one.
  const auto& before = previous.rotation ? previous.rotation->client_sha256 : std::nullopt;
  const auto& after = next.rotation->client_sha256;
  if (seen.role != "client" && before && after && *before != *after)
    add_rotation("client", *before, *after, events);
}

bool ready(const EndpointStatus& status, ConditionStatus value) {
  const resource::Condition* found = status.find(condition::kReady);
  return found != nullptr && found->status == value;
}

void add_readiness(const EndpointStatus& previous, const EndpointStatus& next, Events& events) {
  const resource::Condition* now = next.find(condition::kReady);
  if (now == nullptr || now->status == ConditionStatus::kUnknown || ready(previous, now->status)) return;
  const bool good = now->status == ConditionStatus::kTrue;
  const auto type = good ? Event::Type::kNormal : Event::Type::kWarning;
  if (!events.has(type)) events.add(type, good ? "Ready" : "NotReady", note_of(*now));
}

}  // namespace

std::vector<Event> events_between(const EndpointStatus& previous, const EndpointStatus& next) {
  Events events;
  for (const Turn& turn : kTurnsOfReady)
    events.add_turn(previous, next, turn);
  // Whatever else happens to be told at the same time says nothing of readiness.
  add_readiness(previous, next, events);
  for (const Turn& turn : kOtherTurns)
    events.add_turn(previous, next, turn);
  add_expiry(previous, next, events);
  add_rotations_of_members(previous, next, events);
  add_rotations(previous, next, events);
  return events.take();
}

std::optional<Event> event_of_refusal(const EndpointStatus& previous, const EndpointStatus& next) {
  const resource::Condition* now = next.find(condition::kStalled);
  if (now == nullptr) return std::nullopt;
  const resource::Condition* before = previous.find(condition::kStalled);
  const bool told = before != nullptr && previous.observed_generation == next.observed_generation &&
                    before->status == now->status && before->reason == now->reason &&
                    before->message == now->message;
  if (told) return std::nullopt;
  return make_event(Event::Type::kWarning, kStalledEvent, note_of(*now));
}

}  // namespace tlswarden::reconcile

#include "resource/status.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tlswarden::resource {
namespace {

auto facts(const Condition& c) {
  return std::tie(c.type, c.status, c.reason, c.message, c.observed_generation);
}

auto facts(const CertificateStatus& c) {
  return std::tie(c.role, c.subject, c.issuer, c.serial_number, c.not_before, c.not_after, c.sha256,
                  c.dns_names, c.ip_addresses, c.key, c.signature);
}

auto facts(const ServerStatus& s) {
  return std::tie(s.version, s.address, s.encrypted_session, s.session_protocol);
}

auto facts(const ModeRung& r) {
  return std::tie(r.mode, r.outcome, r.reason, r.message);
}

auto facts(const Advice& a) {
  return std::tie(a.action, a.urgency, a.by, a.reason, a.message, a.steps);
}

template <class Item>
bool same(const Item& a, const Item& b) {
  return facts(a) == facts(b);
}

template <class Item>
bool same(const std::vector<Item>& a, const std::vector<Item>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Item& x, const Item& y) { return facts(x) == facts(y); });
}

bool same(const std::optional<TlsStatus>& a, const std::optional<TlsStatus>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->version == b->version && a->cipher == b->cipher &&
                a->legacy_versions == b->legacy_versions && a->staple == b->staple &&
                same(a->chain, b->chain) && same(a->from_trust_store, b->from_trust_store));
}

bool same(const std::optional<TimeWindow>& a, const std::optional<TimeWindow>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->start == b->start && a->end == b->end);
}

bool same(const std::optional<Expiry>& a, const std::optional<Expiry>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->not_after == b->not_after && a->role == b->role && a->subject == b->subject &&
                a->rotate_by == b->rotate_by && same(a->window, b->window));
}

}  // namespace

std::string_view to_string(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::kTrue:
      return "True";
    case ConditionStatus::kFalse:
      return "False";
    case ConditionStatus::kUnknown:
      return "Unknown";
  }
  return "Unknown";
}

std::string_view to_string(RungOutcome outcome) {
  switch (outcome) {
    case RungOutcome::kWorks:
      return "Works";
    case RungOutcome::kRejected:
      return "Rejected";
    case RungOutcome::kUnknown:
      return "Unknown";
  }
  return "Unknown";
}

std::string_view to_string(Urgency urgency) {
  switch (urgency) {
    case Urgency::kNow:
      return "Now";
    case Urgency::kSoon:
      return "Soon";
    case Urgency::kPlanned:
      return "Planned";
    case Urgency::kConsider:
      return "Consider";
  }
  return "Consider";
}

std::string_view to_string(RevocationAnswer answer) {
  switch (answer) {
    case RevocationAnswer::kGood:
      return "Good";
    case RevocationAnswer::kRevoked:
      return "Revoked";
    case RevocationAnswer::kUnknown:
      return "Unknown";
  }
  return "Unknown";
}

std::string_view to_string(RotationProgress progress) {
  switch (progress) {
    case RotationProgress::kPlanned:
      return "Planned";
    case RotationProgress::kWaitingForWindow:
      return "WaitingForWindow";
    case RotationProgress::kOverdue:
      return "Overdue";
    case RotationProgress::kDone:
      return "Done";
  }
  return "Planned";
}

std::string_view to_string(MemberTurn turn) {
  switch (turn) {
    case MemberTurn::kRotated:
      return "Rotated";
    case MemberTurn::kWentBack:
      return "WentBack";
    case MemberTurn::kReturned:
      return "Returned";
    case MemberTurn::kAlternating:
      return "Alternating";
  }
  return "Rotated";
}

bool abnormal_when_true(std::string_view condition_type) {
  return condition_type == condition::kRotationRecommended ||
         condition_type == condition::kModeChangeRecommended || condition_type == condition::kReconciling ||
         condition_type == condition::kStalled;
}

const Condition* EndpointStatus::find(std::string_view type) const {
  const auto found =
      std::find_if(conditions.begin(), conditions.end(), [&](const Condition& c) { return c.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

std::vector<Condition> carry_transitions(const std::vector<Condition>& previous, std::vector<Condition> next,
                                         base::WallTime now) {
  for (Condition& condition : next) {
    const auto before = std::find_if(previous.begin(), previous.end(),
                                     [&](const Condition& c) { return c.type == condition.type; });
    const bool kept = before != previous.end() && before->status == condition.status;
    condition.last_transition = kept ? before->last_transition : now;
  }
  return next;
}

bool same_meaning(const EndpointStatus& a, const EndpointStatus& b) {
  return a.observed_generation == b.observed_generation && same(a.conditions, b.conditions) &&
         same(a.server, b.server) && same(a.tls, b.tls) && a.mode == b.mode && same(a.modes, b.modes) &&
         a.strongest_mode == b.strongest_mode && same(a.expiry, b.expiry) && a.rotation == b.rotation &&
         a.served_certificate == b.served_certificate && same(a.advice, b.advice) && a.members == b.members;
}

}  // namespace tlswarden::resource

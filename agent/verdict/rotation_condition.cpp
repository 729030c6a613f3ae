#include "verdict/rotation_condition.hpp"

#include <string>

#include "base/time_text.hpp"
#include "verdict/reason_names.hpp"
#include "verdict/rotation_status.hpp"

namespace tlswarden::verdict {
namespace {

using resource::ConditionStatus;
using resource::RotationProgress;

/// How a rotation that is due can still be in time, as the end of a sentence; empty once it is too late.
std::string way_out(const RotationVerdict::Due& due, base::WallTime now) {
  if (due.state == RotationState::kExpired) return {};
  const std::string by = base::format_rfc3339(act_by(due, now));
  if (due.plan.no_window_left)
    return now < due.plan.deadline ? "; rotate it outside the windows by " + by : "; rotate it now";
  if (now < due.plan.rotate_by)
    return "; rotate it by " + by + (due.plan.window ? ", when the last maintenance window opens" : "");
  if (due.plan.window) return "; rotate it now: the last maintenance window is open until " + by;
  return "; rotate it now";
}

/// What the spec says of rotation and does not suit the certificates.
std::string unsuited(const RotationVerdict& rotation) {
  std::string text;
  if (rotation.misfit) text += "; " + rotation.misfit->sentence;
  for (const std::string& remark : rotation.remarks)
    text += "; " + remark;
  return text;
}

Answer not_due(const Assessment& a) {
  const RotationVerdict& rotation = a.rotation;
  if (!rotation.expiry) {
    return {ConditionStatus::kUnknown,
            {reason::kNoCertificateSeen, "no certificate is known that could expire", {}}};
  }
  std::string sentence;
  const auto status = rotation_status(a);
  if (status && status->progress == RotationProgress::kDone)
    sentence = "a new certificate was seen on " + base::format_date(status->last->time) + "; ";
  sentence += "the first to expire is the " + rotation.expiry->role + " certificate " +
              when(a.input.now, rotation.expiry->not_after) + unsuited(rotation);
  return {ConditionStatus::kFalse, {reason::kRotationNotDue, std::move(sentence), {}}};
}

}  // namespace

base::WallTime act_by(const RotationVerdict::Due& due, base::WallTime now) {
  if (now < due.plan.rotate_by) return due.plan.rotate_by;
  return due.plan.window ? due.plan.window->end : due.plan.deadline;
}

Answer rotation_recommended(const Assessment& a) {
  const RotationVerdict& rotation = a.rotation;
  if (rotation.due.empty()) return not_due(a);
  Finding finding = rotation.due.front().finding;
  finding.sentence += way_out(rotation.due.front(), a.input.now);
  for (std::size_t i = 1; i < rotation.due.size(); ++i)
    finding.sentence += "; " + rotation.due[i].finding.sentence;
  finding.sentence += unsuited(rotation);
  return {ConditionStatus::kTrue, std::move(finding)};
}

}  // namespace tlswarden::verdict

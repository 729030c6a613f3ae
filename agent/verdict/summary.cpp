#include <algorithm>

#include "verdict/finding.hpp"
#include "verdict/judge.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using resource::Condition;
using resource::ConditionStatus;

bool has(const resource::EndpointStatus& status, const char* type, ConditionStatus value) {
  const Condition* found = status.find(type);
  return found != nullptr && found->status == value;
}

bool acts_now(const resource::EndpointStatus& status) {
  return std::any_of(status.advice.begin(), status.advice.end(),
                     [](const resource::Advice& item) { return item.urgency == resource::Urgency::kNow; });
}

/// The advice on a list in the clients' own trust, with which those that look at revocation refuse every
/// server. A staple that is of no use is not in the way of any engine's client.
const resource::Advice* stale_list(const resource::EndpointStatus& status) {
  const auto found =
      std::find_if(status.advice.begin(), status.advice.end(),
                   [](const resource::Advice& item) { return item.reason == reason::kRevocationListStale; });
  return found == status.advice.end() ? nullptr : &*found;
}

/// The condition that speaks of a rotation which makes the endpoint critical; null where none does.
const Condition* urgent_rotation(const resource::EndpointStatus& status) {
  const Condition* rotation = status.find(condition::kRotationRecommended);
  if (rotation == nullptr || rotation->status != ConditionStatus::kTrue) return nullptr;
  const bool urgent =
      std::any_of(status.advice.begin(), status.advice.end(), [&](const resource::Advice& item) {
        return item.urgency == resource::Urgency::kNow && item.reason == rotation->reason;
      });
  return urgent ? rotation : nullptr;
}

}  // namespace

Severity severity(const resource::EndpointStatus& status) {
  if (has(status, condition::kReady, ConditionStatus::kFalse) || acts_now(status)) return Severity::kCritical;
  if (!has(status, condition::kReady, ConditionStatus::kTrue)) return Severity::kUnknown;
  const bool recommends = has(status, condition::kServedCertificateMatched, ConditionStatus::kFalse) ||
                          has(status, condition::kRotationRecommended, ConditionStatus::kTrue) ||
                          has(status, condition::kModeChangeRecommended, ConditionStatus::kTrue) ||
                          stale_list(status) != nullptr;
  return recommends ? Severity::kWarning : Severity::kOk;
}

std::string headline(const resource::EndpointStatus& status) {
  const Condition* ready = status.find(condition::kReady);
  if (ready == nullptr) return "Not checked yet";
  if (ready->status == ConditionStatus::kTrue) {
    const Condition* certificate = status.find(condition::kCertificateValid);
    if (certificate != nullptr && certificate->reason == reason::kCertificateRevoked)
      return leading_sentence(certificate->message);
    if (const Condition* rotation = urgent_rotation(status)) return leading_sentence(rotation->message);
    const Condition* served = status.find(condition::kServedCertificateMatched);
    if (served != nullptr && served->status == ConditionStatus::kFalse)
      return leading_sentence(served->message);
    for (const char* type : {condition::kRotationRecommended, condition::kModeChangeRecommended}) {
      const Condition* found = status.find(type);
      if (found != nullptr && found->status == ConditionStatus::kTrue)
        return leading_sentence(found->message);
    }
    if (const resource::Advice* stale = stale_list(status)) return leading_sentence(stale->message);
  }
  return leading_sentence(ready->message);
}

}  // namespace tlswarden::verdict

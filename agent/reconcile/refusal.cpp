#include "reconcile/refusal.hpp"

#include <algorithm>
#include <string_view>

#include "base/text.hpp"
#include "verdict/conditions.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::reconcile {
namespace {

constexpr std::size_t kMostProblems = 5;
constexpr std::size_t kLongestProblem = 600;

}  // namespace

std::string refusal_sentence(const std::vector<resource::Diagnostic>& problems) {
  std::string sentence = "the resource cannot be used: ";
  for (std::size_t i = 0; i < std::min(problems.size(), kMostProblems); ++i) {
    if (i > 0) sentence += "; ";
    const std::string& field = problems[i].field;
    sentence += base::printable(field + (field.empty() ? "" : ": ") + problems[i].message, kLongestProblem);
  }
  if (problems.size() > kMostProblems)
    sentence += "; and " + std::to_string(problems.size() - kMostProblems) + " more";
  return sentence;
}

resource::EndpointStatus refused_status(const resource::Metadata& metadata, const std::string& sentence,
                                        const resource::EndpointStatus& previous, base::WallTime now) {
  resource::DatabaseEndpoint endpoint;
  endpoint.metadata = metadata;
  const verdict::Finding finding{verdict::reason::kSpecInvalid, sentence, {}};
  std::vector<resource::Condition> conditions = verdict::unknown_conditions(endpoint, finding, false);
  const std::string message = conditions.front().message;
  for (resource::Condition& condition : conditions) {
    const std::string_view type = condition.type;
    if (type == resource::condition::kReady) condition.status = resource::ConditionStatus::kFalse;
    if (type != resource::condition::kStalled) continue;
    condition.status = resource::ConditionStatus::kTrue;
    condition.reason = finding.reason;
    condition.message = message;
  }
  resource::EndpointStatus status = previous;
  status.observed_generation = metadata.generation;
  status.mode.reset();
  status.modes.clear();
  status.strongest_mode.reset();
  status.advice.clear();
  status.conditions = resource::carry_transitions(previous.conditions, std::move(conditions), now);
  return status;
}

}  // namespace tlswarden::reconcile

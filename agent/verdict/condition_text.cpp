#include "verdict/condition_text.hpp"

#include "verdict/reasons.hpp"

namespace tlswarden::verdict {

std::string next_step(std::string_view reason) {
  const Reason* known = find_reason(reason);
  if (known == nullptr || known->advice.starts_with("Nothing needs to be done")) return {};
  return known->advice;
}

Finding joined(const std::vector<Finding>& faults) {
  Finding all = faults.front();
  for (std::size_t i = 1; i < faults.size(); ++i)
    all.sentence += "; " + faults[i].sentence;
  return all;
}

resource::Condition to_condition(const char* type, const Answer& answer, std::int64_t generation) {
  resource::Condition condition;
  condition.type = type;
  condition.status = answer.status;
  condition.reason = answer.finding.reason;
  condition.observed_generation = generation;
  std::string sentence = answer.finding.sentence;
  if (sentence.empty()) {
    const Reason* known = find_reason(condition.reason);
    sentence = known != nullptr ? known->summary : condition.reason;
  }
  condition.message =
      compose(sentence, answer.finding.next.empty() ? next_step(condition.reason) : answer.finding.next,
              answer.finding.peer_text);
  return condition;
}

std::string shown(const net::Address& address) {
  const bool ipv6 = address.ip.find(':') != std::string::npos;
  return (ipv6 ? "[" + address.ip + "]" : address.ip) + ":" + std::to_string(address.port);
}

}  // namespace tlswarden::verdict

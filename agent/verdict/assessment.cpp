#include "verdict/assessment.hpp"

#include "verdict/client_certificate.hpp"
#include "verdict/failure_reasons.hpp"
#include "verdict/members.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

bool is_held(const JudgeInput& input) {
  if (member_setback(input.observation) == nullptr || !input.history.previous) return false;
  const resource::Condition* reachable = input.history.previous->find(resource::condition::kReachable);
  return reachable != nullptr && reachable->status == resource::ConditionStatus::kTrue &&
         input.history.consecutive_failures < input.endpoint.spec.failure_threshold;
}

}  // namespace

const std::string& verified_name(const JudgeInput& input) {
  const resource::EndpointSpec& spec = input.endpoint.spec;
  const std::string& member = input.observation.member_host;
  return spec.tls.server_name || member.empty() ? spec.verified_name() : member;
}

Assessment assess(const JudgeInput& input, pki::VerificationCache& cache) {
  const resource::EndpointSpec& spec = input.endpoint.spec;
  Assessment result{.input = input,
                    .facts = resource::engine_facts(spec.engine),
                    .obstacle = obstacle(input.observation),
                    .setback = setback(input.observation),
                    .last = input.history.previous ? &*input.history.previous : nullptr,
                    .held = is_held(input),
                    .identity = std::nullopt,
                    .client = {},
                    .plaintext = judge_plaintext(input),
                    .ladder = {},
                    .version = judge_version(input),
                    .rotation = {},
                    .drift = {},
                    .rehearsal = {}};
  const auto& tls = input.observation.tls;
  if (tls && !tls->chain.empty()) {
    result.identity = judge_identity(tls->chain, input.material, verified_name(input), result.facts.names,
                                     input.now, cache);
    result.identity->revocation = judge_revocation(input.observation, result.identity->path,
                                                   input.material.trust.get(), input.now, cache);
  }
  const Identity* identity = result.identity ? &*result.identity : nullptr;
  result.client = examine_client(input, result.facts, cache);
  result.ladder = build_ladder(input, identity, result.plaintext);
  if (const auto refusal = client_certificate_refusal(input.observation)) {
    for (Rung& rung : result.ladder.rungs) {
      if (rung.finding.reason == reason::kClientCertificateRejected)
        rung.finding = with_likely_cause(std::move(rung.finding), refusal->code, result.client);
    }
  }
  result.rotation = judge_rotation(certificates_to_rotate(input, identity), spec.rotation, input.now);
  result.drift = judge_drift(input, identity, cache);
  result.rehearsal = judge_rehearsal(input, identity, cache);
  return result;
}

}  // namespace tlswarden::verdict

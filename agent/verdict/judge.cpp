#include "verdict/judge.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "verdict/advice.hpp"
#include "verdict/assessment.hpp"
#include "verdict/conditions.hpp"
#include "verdict/member_history.hpp"
#include "verdict/members.hpp"
#include "verdict/path_description.hpp"
#include "verdict/protocol_floor.hpp"
#include "verdict/reason_names.hpp"
#include "verdict/rotation_status.hpp"

namespace tlswarden::verdict {
namespace {

using resource::EndpointStatus;

constexpr std::size_t kLongestWord = 64;

std::vector<resource::Condition> dated(const resource::EndpointStatus* previous,
                                       std::vector<resource::Condition> conditions, base::WallTime now) {
  const std::vector<resource::Condition> none;
  return resource::carry_transitions(previous != nullptr ? previous->conditions : none, std::move(conditions),
                                     now);
}

resource::ServerStatus server_status(const Assessment& a) {
  const probe::Observation& seen = a.input.observation;
  resource::ServerStatus server;
  const std::string version = shown_version(a.input.endpoint.spec.engine, seen);
  if (!version.empty()) {
    server.version = version;
  } else if (!a.reached() && a.last != nullptr) {
    server.version = a.last->server.version;
  }
  // Behind a bastion the name is all that is known here.
  if (seen.address && !a.input.endpoint.spec.ssh_tunnel) server.address = seen.address->ip;
  if (!seen.session) return server;
  if (seen.session->encrypted != probe::Tristate::kUnknown) {
    server.encrypted_session = seen.session->encrypted == probe::Tristate::kYes;
  }
  const std::string protocol = base::printable(seen.session->protocol, kLongestWord);
  if (!protocol.empty()) server.session_protocol = protocol;
  return server;
}

std::optional<resource::TlsStatus> tls_status(const Assessment& a) {
  const auto& tls = a.input.observation.tls;
  // What was served before an outage, or before the server broke off each handshake early, is still the best
  // that is known of it; a server that has given up TLS serves it no more.
  const bool untold = tls && tls->chain.empty() && !tls->finished;
  if (untold || (!tls && !a.reached())) return a.last == nullptr ? std::nullopt : a.last->tls;
  if (!tls) return std::nullopt;
  resource::TlsStatus status;
  if (tls->version) status.version = to_string(*tls->version);
  status.legacy_versions = legacy_versions(a.input.observation, a.input.endpoint.spec.tls.min_version);
  status.cipher = base::printable(tls->cipher, kLongestWord);
  status.chain = describe_chain(tls->chain);
  if (a.identity) {
    status.from_trust_store = describe_rest(*a.identity, tls->chain);
    status.staple = a.identity->revocation.staple;
  }
  return status;
}

std::vector<resource::ModeRung> modes(const Assessment& a) {
  std::vector<resource::ModeRung> rungs;
  rungs.reserve(a.ladder.rungs.size());
  for (const Rung& rung : a.ladder.rungs)
    rungs.push_back(to_status(rung, a.facts));
  return rungs;
}

/// A check that failed too seldom to count: the last status, with only the dates judged anew.
EndpointStatus held_status(const Assessment& a) {
  EndpointStatus status = a.last != nullptr ? *a.last : EndpointStatus{};
  std::vector<resource::Advice> advice = rotation_advice(a);
  for (resource::Advice& item : status.advice) {
    if (!is_about_rotation(item)) advice.push_back(std::move(item));
  }
  std::stable_sort(advice.begin(), advice.end(),
                   [](const auto& x, const auto& y) { return x.urgency < y.urgency; });
  status.advice = std::move(advice);
  return status;
}

EndpointStatus fresh_status(const Assessment& a) {
  EndpointStatus status;
  status.server = server_status(a);
  status.tls = tls_status(a);
  status.modes = modes(a);
  status.strongest_mode = a.ladder.strongest();
  status.advice = build_advice(a);
  return status;
}

EndpointStatus status_of(const Assessment& a) {
  EndpointStatus status = a.held ? held_status(a) : fresh_status(a);
  status.observed_generation = a.input.endpoint.metadata.generation;
  status.mode = a.input.endpoint.spec.tls.mode;
  status.last_check_time = a.input.observation.at;
  // An endpoint that was not reached keeps the time at which it last was.
  if (a.reached()) {
    status.last_reached_time = a.input.observation.at;
  } else if (a.last != nullptr) {
    status.last_reached_time = a.last->last_reached_time;
  }
  status.expiry = a.rotation.expiry;
  status.rotation = rotation_status(a);
  status.served_certificate = a.drift.declared;
  status.conditions = build_conditions(a);
  return status;
}

/// Each of the members beside the first as if it were the only one.
std::vector<JudgedMember> judge_others(const JudgeInput& input, pki::VerificationCache& cache) {
  const std::vector<resource::MemberStatus> known = remembered_members(input);
  const int threshold = input.endpoint.spec.failure_threshold;
  std::vector<JudgedMember> others;
  for (std::size_t i = 0; i < input.observation.members.size(); ++i) {
    const probe::Observation& seen = input.observation.members[i];
    const bool told = seen.tls && !seen.tls->chain.empty();
    const History history = told ? History{threshold, std::nullopt} : history_of(known[i + 1], threshold);
    const JudgeInput member{input.endpoint, input.material, seen, history, input.now};
    others.push_back({&seen, status_of(assess(member, cache))});
  }
  return others;
}

EndpointStatus judge_all(const JudgeInput& input, pki::VerificationCache& cache) {
  const Assessment assessment = assess(input, cache);
  EndpointStatus status = status_of(assessment);
  if (is_fleet(input)) {
    const std::vector<JudgedMember> others = judge_others(input, cache);
    if (assessment.held) {
      include_rotations(input, others, status);
    } else {
      include_members(input, others, status);
    }
  }
  status.conditions = dated(assessment.last, std::move(status.conditions), input.now);
  return status;
}

}  // namespace

EndpointStatus judge(const JudgeInput& input, pki::VerificationCache& cache) {
  const auto all = with_unseen_members(input);
  if (!all) return judge_all(input, cache);
  return judge_all({input.endpoint, input.material, *all, input.history, input.now}, cache);
}

EndpointStatus unvisited(const resource::DatabaseEndpoint& endpoint, base::WallTime now) {
  // What an earlier check saw of the certificates stays: a suspension must not hide an expiry.
  EndpointStatus status = endpoint.status;
  const bool suspended = endpoint.spec.suspend;
  const Finding finding =
      suspended ? Finding{reason::kSuspended, "checks are suspended by spec.suspend", {}}
                : Finding{reason::kFirstCheckPending, "the endpoint has not been checked yet", {}};
  status.observed_generation = endpoint.metadata.generation;
  status.mode = endpoint.spec.tls.mode;
  status.modes.clear();
  status.strongest_mode.reset();
  status.advice.clear();
  status.conditions = dated(&endpoint.status, unknown_conditions(endpoint, finding, !suspended), now);
  return status;
}

}  // namespace tlswarden::verdict

#include "verdict/judge.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "verdict/advice.hpp"
#include "verdict/assessment.hpp"
#include "verdict/conditions.hpp"
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
    const bool about_rotation = item.action.starts_with("Rotate") || item.action == "AddMaintenanceWindow" ||
                                item.action == "AdjustRotation";
    if (!about_rotation) advice.push_back(std::move(item));
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

}  // namespace

EndpointStatus judge(const JudgeInput& input, pki::VerificationCache& cache) {
  const Assessment assessment = assess(input, cache);
  EndpointStatus status = status_of(assessment);
  if (!assessment.held && !input.observation.members.empty()) {
    // The tolerance for a few failures was exercised by the whole.
    const History alone{input.endpoint.spec.failure_threshold, std::nullopt};
    std::vector<JudgedMember> others;
    for (const probe::Observation& seen : input.observation.members) {
      const JudgeInput member{input.endpoint, input.material, seen, alone, input.now};
      others.push_back({&seen, status_of(assess(member, cache))});
    }
    include_members(input, others, status);
  }
  status.conditions = dated(assessment.last, std::move(status.conditions), input.now);
  return status;
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

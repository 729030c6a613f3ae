#include "verdict/members.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "verdict/advice.hpp"
#include "verdict/condition_text.hpp"
#include "verdict/failure_reasons.hpp"
#include "verdict/member_history.hpp"
#include "verdict/member_rotations.hpp"
#include "verdict/reason_names.hpp"
#include "verdict/reasons.hpp"
#include "verdict/server_version.hpp"

namespace tlswarden::verdict {
namespace {

namespace condition = resource::condition;
using probe::Observation;
using resource::Condition;
using resource::ConditionStatus;
using resource::EndpointStatus;
using resource::RungOutcome;
using resource::TlsMode;

/// A login is made at the first member only, so the others say nothing about the session.
constexpr std::array kOfEveryMember{condition::kReady,
                                    condition::kReachable,
                                    condition::kModeSatisfied,
                                    condition::kCertificateValid,
                                    condition::kClientCertificateValid,
                                    condition::kNextCaReady,
                                    condition::kServerVersionMatched};

bool is_bad(const Condition& c) {
  return c.status ==
         (resource::abnormal_when_true(c.type) ? ConditionStatus::kTrue : ConditionStatus::kFalse);
}

std::string about(const std::string& member, const std::string& message) {
  return "Member " + member + ": " + message;
}

void worsen_conditions(const std::string& name, const EndpointStatus& member, EndpointStatus& status) {
  for (Condition& mine : status.conditions) {
    const bool shared =
        std::find(kOfEveryMember.begin(), kOfEveryMember.end(), mine.type) != kOfEveryMember.end();
    const Condition* theirs = member.find(mine.type);
    if (!shared || is_bad(mine) || theirs == nullptr || !is_bad(*theirs)) continue;
    mine = *theirs;
    mine.message = about(name, theirs->message);
  }
}

void worsen_modes(const std::string& name, const EndpointStatus& member, EndpointStatus& status) {
  status.strongest_mode.reset();
  for (resource::ModeRung& mine : status.modes) {
    const auto theirs = std::find_if(member.modes.begin(), member.modes.end(),
                                     [&](const resource::ModeRung& rung) { return rung.mode == mine.mode; });
    // Plaintext was tried at the first member only.
    const bool told = mine.mode >= TlsMode::kRequire && theirs != member.modes.end();
    if (told && mine.outcome == RungOutcome::kWorks && theirs->outcome != RungOutcome::kWorks) {
      mine = *theirs;
      mine.message = about(name, theirs->message);
    }
    if (mine.outcome == RungOutcome::kWorks) status.strongest_mode = mine.mode;
  }
}

/// A change that only some members allow is not advised.
void drop_unshared_mode_change(const EndpointStatus& member, EndpointStatus& status) {
  const Condition* theirs = member.find(condition::kModeChangeRecommended);
  for (Condition& mine : status.conditions) {
    if (mine.type != condition::kModeChangeRecommended || mine.reason != reason::kStrongerModeWorks) continue;
    if (theirs == nullptr || theirs->status == ConditionStatus::kTrue) continue;
    mine = *theirs;
    std::erase_if(status.advice,
                  [](const resource::Advice& item) { return item.reason == reason::kStrongerModeWorks; });
  }
}

/// As long as one member needs the old CA, trust cannot be switched.
void drop_unshared_switch(EndpointStatus& status) {
  const Condition* ready = status.find(condition::kNextCaReady);
  if (ready != nullptr && ready->status == ConditionStatus::kTrue) return;
  std::erase_if(status.advice,
                [](const resource::Advice& item) { return item.reason == reason::kSafeToSwitch; });
}

/// What is to be done at several members is said once, as urgently as the most urgent of them needs it.
void add_advice(const std::string& name, const resource::Advice& item, EndpointStatus& status) {
  const auto known = std::find_if(status.advice.begin(), status.advice.end(), [&](const auto& mine) {
    return mine.action == item.action && mine.reason == item.reason;
  });
  const auto sooner = [&] {
    if (item.urgency != known->urgency) return item.urgency < known->urgency;
    return item.by && known->by && *item.by < *known->by;
  };
  if (known != status.advice.end() && !sooner()) return;
  resource::Advice& mine = known != status.advice.end() ? *known : status.advice.emplace_back();
  mine = item;
  mine.message = about(name, item.message);
}

void collect_advice(const std::string& name, const EndpointStatus& member, EndpointStatus& status) {
  for (const resource::Advice& item : member.advice) {
    // What nobody looked at on the others is no news about them.
    const bool about_session = item.reason == reason::kCredentialsRequired ||
                               item.reason == reason::kPlaintextNotChecked ||
                               item.reason == reason::kStrongerModeWorks;
    // Drift is judged of all of them together.
    const bool about_drift = item.reason == reason::kRotationPending ||
                             item.reason == reason::kDeclaredCertificateUnfit ||
                             item.reason == reason::kServedCertificateDiffers;
    if (!about_drift && !about_session) add_advice(name, item, status);
  }
}

/// Takes over what is first to expire, and what is said about it: that is what has to be rotated first.
void include_rotation(const std::string& name, const EndpointStatus& member, EndpointStatus& status) {
  const bool earlier =
      member.expiry && (!status.expiry || member.expiry->not_after < status.expiry->not_after);
  const Condition* theirs = member.find(condition::kRotationRecommended);
  for (Condition& mine : status.conditions) {
    if (mine.type != condition::kRotationRecommended || theirs == nullptr) continue;
    const bool first = is_bad(*theirs) == is_bad(mine) ? earlier : is_bad(*theirs);
    if (!first) continue;
    mine = *theirs;
    mine.message = about(name, theirs->message);
  }
  if (!earlier) return;
  status.expiry = member.expiry;
  if (status.rotation && member.rotation) status.rotation->progress = member.rotation->progress;
}

/// What only all members together tell: which of them still have to follow a rotation, and that it is done.
void conclude_rotation(EndpointStatus& status) {
  const std::string under_way = describe_under_way(status.members);
  for (Condition& mine : status.conditions) {
    if (mine.type != condition::kRotationRecommended) continue;
    if (!under_way.empty()) mine.message += " " + compose(under_way);
    const bool nothing_due = mine.status == ConditionStatus::kFalse;
    if (status.rotation && status.rotation->last && nothing_due && under_way.empty())
      status.rotation->progress = resource::RotationProgress::kDone;
  }
}

const pki::CertificateFacts* leaf_of(const Observation& seen) {
  return seen.tls && !seen.tls->chain.empty() ? &seen.tls->chain.front()->facts : nullptr;
}

/// In what `other` differs from `first`, as the end of a sentence about it; empty when in nothing that was
/// seen of both. Members with names of their own have certificates of their own, which should then come from
/// one issuer.
std::string difference(const Observation& first, const Observation& other, resource::Engine engine) {
  std::vector<std::string> parts;
  const auto* mine = leaf_of(first);
  const auto* theirs = leaf_of(other);
  if (mine != nullptr && theirs != nullptr && mine->sha256 != theirs->sha256) {
    if (mine->issuer != theirs->issuer) {
      parts.push_back("serves a certificate of another issuer ('" + theirs->issuer + "')");
    } else if (first.member_host == other.member_host) {
      parts.push_back("serves another certificate (" + theirs->sha256.substr(0, 16) + "…, until " +
                      base::format_date(theirs->not_after) + ")");
    }
  }
  if (first.tls && other.tls && first.tls->version && other.tls->version &&
      first.tls->version != other.tls->version)
    parts.push_back("settles for " + std::string(to_string(*other.tls->version)));
  const std::string version = shown_version(engine, first);
  const std::string other_version = shown_version(engine, other);
  // The first was logged in to; only what every client is told can be compared.
  if (!other.server_version.empty() && !first.server_version.empty() && version != other_version)
    parts.push_back("runs " + other_version);
  return base::join(parts, " and ");
}

void advise_on_differences(const JudgeInput& input, const std::vector<JudgedMember>& others,
                           EndpointStatus& status) {
  const resource::EndpointSpec& spec = input.endpoint.spec;
  std::vector<std::string> parts;
  for (const JudgedMember& member : others) {
    const std::string how = difference(input.observation, *member.seen, spec.engine);
    if (!how.empty()) parts.push_back(member_name(*member.seen, spec) + " " + how);
  }
  if (parts.empty()) return;
  resource::Advice advice;
  advice.action = "AlignMembers";
  advice.urgency = resource::Urgency::kSoon;
  advice.reason = reason::kMembersDiffer;
  advice.message = compose("unlike " + member_name(input.observation, spec) + ", " + base::join(parts, "; "),
                           next_step(reason::kMembersDiffer));
  if (const Reason* known = find_reason(reason::kMembersDiffer)) advice.steps = known->steps;
  status.advice.push_back(std::move(advice));
}

/// What a client gets at a member, beside the certificate that is known of it.
void summarise(const EndpointStatus& status, const resource::EndpointSpec& spec,
               resource::MemberStatus& member) {
  const auto rung = std::find_if(status.modes.begin(), status.modes.end(),
                                 [&](const resource::ModeRung& r) { return r.mode == spec.tls.mode; });
  if (rung != status.modes.end()) {
    member.outcome = rung->outcome;
    member.reason = rung->reason;
    member.message = rung->message;
  }
  member.version = status.server.version;
}

void sort_advice(EndpointStatus& status) {
  std::stable_sort(status.advice.begin(), status.advice.end(),
                   [](const auto& a, const auto& b) { return a.urgency < b.urgency; });
}

}  // namespace

std::string member_name(const Observation& seen, const resource::EndpointSpec& spec) {
  if (!seen.member_host.empty()) {
    const std::uint16_t port = seen.address ? seen.address->port : spec.port;
    return base::printable(seen.member_host, 255) + ":" + std::to_string(port);
  }
  return seen.address ? shown(*seen.address) : spec.host + ":" + std::to_string(spec.port);
}

const probe::Failure* member_setback(const Observation& observation) {
  if (const probe::Failure* first = setback(observation)) return first;
  for (const Observation& member : observation.members) {
    if (const probe::Failure* found = setback(member)) return found;
  }
  return nullptr;
}

void include_members(const JudgeInput& input, const std::vector<JudgedMember>& others,
                     EndpointStatus& status) {
  const resource::EndpointSpec& spec = input.endpoint.spec;
  status.members = remembered_members(input);
  summarise(status, spec, status.members.front());
  for (std::size_t i = 0; i < others.size(); ++i) {
    const JudgedMember& member = others[i];
    const std::string name = member_name(*member.seen, spec);
    summarise(member.status, spec, status.members[i + 1]);
    worsen_conditions(name, member.status, status);
    drop_unshared_mode_change(member.status, status);
    worsen_modes(name, member.status, status);
    collect_advice(name, member.status, status);
    include_rotation(name, member.status, status);
  }
  drop_unshared_switch(status);
  advise_on_differences(input, others, status);
  conclude_rotation(status);
  sort_advice(status);
}

void include_rotations(const JudgeInput& input, const std::vector<JudgedMember>& others,
                       EndpointStatus& status) {
  for (const JudgedMember& member : others) {
    const std::string name = member_name(*member.seen, input.endpoint.spec);
    for (const resource::Advice& item : member.status.advice) {
      if (is_about_rotation(item)) add_advice(name, item, status);
    }
    include_rotation(name, member.status, status);
  }
  conclude_rotation(status);
  sort_advice(status);
}

}  // namespace tlswarden::verdict

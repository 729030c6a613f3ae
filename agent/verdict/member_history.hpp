#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/observation.hpp"
#include "resource/status.hpp"
#include "verdict/judge.hpp"

/// What the last status knows of each of several servers behind one name, and what became of it.
namespace tlswarden::verdict {

/// Whether the endpoint is judged as several servers: others were looked at beside the first, or the spec
/// still asks for all of them, and the last status knows of some that were not found this time.
bool is_fleet(const JudgeInput& input);

/// How status.members names a member: "10.0.0.8:5432", and its name where that does not resolve.
std::string member_address(const probe::Observation& seen, const resource::EndpointSpec& spec);

/// The members of an observation, the first one first, each with its certificate and how it came by it:
/// address, host, sha256, the dates and change are set. Where no certificate was seen, it is the one that the
/// last status knows; a member is known by its address, or by its own name. One at an address that was not
/// there before counts as rotated where all that were there served one certificate, and it serves a newer
/// one: servers that are replaced come back at other addresses. Under another spec, no change is known.
std::vector<resource::MemberStatus> remembered_members(const JudgeInput& input);

/// Whether the change is so recent that another one would mean that several servers answer at one address.
bool is_recent(const resource::MemberChange& change, const JudgeInput& input);

/// The observation with the members that the last status knows, each as unreachable as the first, where not
/// even the name could be resolved: an outage changes no certificate. Nothing in any other case.
std::optional<probe::Observation> with_unseen_members(const JudgeInput& input);

/// What an earlier check saw of `member`, for a check that saw no certificate there.
History history_of(const resource::MemberStatus& member, int failure_threshold);

}  // namespace tlswarden::verdict

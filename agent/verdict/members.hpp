#pragma once

#include <string>
#include <vector>

#include "verdict/judge.hpp"

/// Several servers behind one name: each is judged as if it were the only one, then the endpoint is what
/// holds for all of them, because a client may meet any.
namespace tlswarden::verdict {

/// One member and what would be said of it alone.
struct JudgedMember {
  const probe::Observation* seen;
  resource::EndpointStatus status;  ///< transition times are not set
};

/// How a member is named in messages: "10.0.0.8:5432", "shard-2.example:27017".
std::string member_name(const probe::Observation& seen, const resource::EndpointSpec& spec);

/// The setback at a member, the first one or another (failure_reasons.hpp); null where there was none. Lives
/// as long as `observation`.
const probe::Failure* member_setback(const probe::Observation& observation);

/// Lets `status`, which is of the first member, speak for `others` as well: conditions that are bad for one
/// of them are bad and name it, a mode works where it works everywhere, the earliest expiry and the most
/// urgent advice count, and where certificate, TLS version or server version differ MembersDiffer is advised.
/// A rotation that some members still have to follow is told. Fills in status.members.
void include_members(const JudgeInput& input, const std::vector<JudgedMember>& others,
                     resource::EndpointStatus& status);

/// The part of it that is about rotations, for a check that does not count otherwise.
void include_rotations(const JudgeInput& input, const std::vector<JudgedMember>& others,
                       resource::EndpointStatus& status);

}  // namespace tlswarden::verdict

#pragma once

#include <string>
#include <vector>

#include "pki/verification.hpp"
#include "verdict/expiry.hpp"
#include "verdict/judge.hpp"

namespace tlswarden::verdict {

/// What an endpoint depends on and when each of it must be rotated.
struct EndpointCalendar {
  std::vector<RotationVerdict::Due> certificates;  ///< of all members, each once; the first to expire first
  std::vector<std::string> notes;                  ///< sentences about where spec.rotation does not suit them
  bool server_seen = false;                        ///< a certificate of the server is among them
};

/// Pure, as judge() is.
EndpointCalendar endpoint_calendar(const JudgeInput& input, pki::VerificationCache& cache);

}  // namespace tlswarden::verdict

#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "pki/material.hpp"
#include "pki/verification.hpp"
#include "probe/observation.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::verdict {

/// What came before, as far as judgement needs it.
struct History {
  /// Checks in a row that were set back (failure_reasons.hpp), this one included. Below spec.failureThreshold
  /// a condition that was True stays True.
  int consecutive_failures = 0;
  /// The last written status; its conditions are kept where this observation cannot speak (unreachable:
  /// certificate facts stay as last seen).
  std::optional<resource::EndpointStatus> previous;
};

struct JudgeInput {
  const resource::DatabaseEndpoint& endpoint;
  const pki::Material& material;
  const probe::Observation& observation;
  const History& history;
  base::WallTime now;
};

/// Judges what was seen: ladder, conditions, expiry, advice. Pure: no clock, no I/O, no globals but the
/// embedded data; the cache only saves time. Every condition of kAllConditions is set; observedGeneration is
/// the endpoint's generation; lastTransitionTime is carried over from the history.
resource::EndpointStatus judge(const JudgeInput& input, pki::VerificationCache& cache);

/// The status of an endpoint that is not being checked (first visit, or suspended): all conditions Unknown
/// with messages, for the reason FirstCheckPending (and Reconciling True) or Suspended. What endpoint.status
/// holds of an earlier check (served chain, expiry, server) stays, so that its dates are not lost.
resource::EndpointStatus unvisited(const resource::DatabaseEndpoint& endpoint, base::WallTime now);

/// What the status means for an exit code and for colour.
/// Critical: Ready is False, or some advice is urgent Now (a certificate in the path is expired or within
/// rotation.criticalBefore, whatever the mode looks at). Unknown: Ready is Unknown. Warning: Ready, but a
/// rotation or another mode is recommended. OK: the rest; what is merely worth considering does not raise it.
enum class Severity { kOk, kWarning, kCritical, kUnknown };
Severity severity(const resource::EndpointStatus& status);
/// The one sentence that matters most about this endpoint, without a full stop: what is not Ready, else what
/// is recommended, else that it works and until when.
std::string headline(const resource::EndpointStatus& status);

}  // namespace tlswarden::verdict

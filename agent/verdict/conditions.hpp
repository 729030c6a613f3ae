#pragma once

#include <vector>

#include "verdict/assessment.hpp"

namespace tlswarden::verdict {

/// Every condition of resource::kAllConditions, in its order, without transition times.
///
/// - ModeSatisfied is the declared mode's rung.
/// - CertificateValid is about the declared trust and name, whatever the mode; for a mode that verifies less,
/// a False
///   here is advice, not a failure.
/// - Ready is False as soon as something declared does not hold: a reference (but spec.tls.nextCA), the mode,
/// the client certificate, the
///   version, the login; it is Unknown when something declared cannot be told (a version that only a login
///   would tell). An invalid or expired certificate that the declared mode does not look at leaves it True.
/// - What this observation cannot speak of, because the endpoint was not reached, stays as it was last seen,
/// except
///   that dates go on: a certificate that expires meanwhile turns CertificateValid False. ModeSatisfied and
///   SessionEncrypted, which are about now, become Unknown.
/// - While fewer checks than spec.failureThreshold have failed, everything stays as it was, and Reconciling
/// is True.
std::vector<resource::Condition> build_conditions(const Assessment& assessment);

/// All conditions Unknown for the given reason, but for Reconciling and Stalled.
std::vector<resource::Condition> unknown_conditions(const resource::DatabaseEndpoint& endpoint,
                                                    const Finding& finding, bool reconciling);

}  // namespace tlswarden::verdict

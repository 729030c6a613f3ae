#pragma once

#include <optional>
#include <vector>

#include "reconcile/event_sink.hpp"
#include "resource/status.hpp"

namespace tlswarden::reconcile {

/// What happened between two statuses of one endpoint, in so far as a person wants to hear of it; warnings
/// first. Pure. A condition that turns is one event, whatever its message says, and what was not known before
/// is news only when it is bad; so a status that is judged again and again causes nothing. A certificate that
/// is not the declared one is told of anew when the reason changes: each asks for something else to be done.
///
/// Unreachable Recovered · ModeBroken ModeRestored · CertificateInvalid CertificateValid ·
/// ClientCertificateInvalid ClientCertificateValid · ServedCertificateDiffers ServedCertificateMatched ·
/// NextCANotReady NextCAReady · VersionMismatch VersionMatched · SessionNotEncrypted SessionEncrypted ·
/// Stalled Proceeding · ExpiryNear ExpiryCritical RotationOverdue CertificateRotated RotationStarted · and
/// NotReady or Ready where none of these says why. Of several members a rotation is told twice: when the
/// first of them serves the new certificate while others do not, and when none serves the old one any more.
std::vector<Event> events_between(const resource::EndpointStatus& previous,
                                  const resource::EndpointStatus& next);

/// What is to be told of `next` where that says that the resource cannot be read (refused_status): `Stalled`,
/// for each version of the resource and whenever something else is wrong with it. Nothing where `previous`
/// says the same of the same version, so that who takes the endpoint over does not repeat it. Pure.
std::optional<Event> event_of_refusal(const resource::EndpointStatus& previous,
                                      const resource::EndpointStatus& next);

}  // namespace tlswarden::reconcile

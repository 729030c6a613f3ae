#pragma once

#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "pki/material.hpp"
#include "reconcile/board.hpp"
#include "resource/status.hpp"

namespace tlswarden::reconcile {

/// The dates of what an endpoint depends on, by role; of several certificates in a role the first to expire.
std::vector<CertificateDates> certificate_dates(const verdict::PathCertificates& certificates);

/// When each of `certificates` is due and critical under `rotation`. Linear in their number.
std::vector<RotationDeadline> rotation_deadlines(const resource::RotationSpec& rotation,
                                                 const verdict::PathCertificates& certificates);

/// What an endpoint depends on after `observation`. Where it saw no certificate, what was `known` before of
/// the server's still counts: an outage changes no certificate. Of several members, of which some were seen,
/// the others' own certificates count; `members` are those of the status.
verdict::PathCertificates known_certificates(const probe::Observation& observation,
                                             const pki::Material& material,
                                             const verdict::PathCertificates& known,
                                             const std::vector<resource::MemberStatus>& members,
                                             base::WallTime now, pki::VerificationCache& cache);

/// When the verdict may change without a new observation: the first date after `now` that the status or one
/// of the certificates or revocation lists (pki::RevocationCheck::dates) names, and in any case within ten
/// minutes, since thresholds need not stand in the status.
base::WallTime next_judgement(const resource::EndpointStatus& status,
                              const std::vector<CertificateDates>& dates, base::WallTime now,
                              const std::vector<base::WallTime>& revocation_dates = {});

}  // namespace tlswarden::reconcile

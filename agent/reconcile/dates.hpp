#pragma once

#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "pki/material.hpp"
#include "reconcile/board.hpp"
#include "resource/status.hpp"

namespace tlswarden::reconcile {

/// The dates of an endpoint's certificates by role, as the status knows them: through an outage, too. The
/// root that the path ends in is the "ca"; `client` are the declared client certificates, leaf first.
std::vector<CertificateDates> certificate_dates(const resource::EndpointStatus& status,
                                                const pki::Chain& client);

/// When the verdict may change without a new observation: the first date after `now` that the status or one
/// of the certificates or revocation lists (pki::RevocationCheck::dates) names, and in any case within ten
/// minutes, since thresholds need not stand in the status.
base::WallTime next_judgement(const resource::EndpointStatus& status,
                              const std::vector<CertificateDates>& dates, base::WallTime now,
                              const std::vector<base::WallTime>& revocation_dates = {});

}  // namespace tlswarden::reconcile

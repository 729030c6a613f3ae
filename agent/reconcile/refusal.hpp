#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "resource/endpoint.hpp"
#include "resource/manifest.hpp"

namespace tlswarden::reconcile {

/// What is wrong, in one bounded sentence: the first few problems with their fields.
std::string refusal_sentence(const std::vector<resource::Diagnostic>& problems);

/// The status of an object that cannot be read as an endpoint: Ready False and Stalled True for the reason
/// SpecInvalid with `sentence`, all other conditions Unknown. What `previous` holds of earlier checks (served
/// chain, expiry, server) stays, so that its dates are not lost.
resource::EndpointStatus refused_status(const resource::Metadata& metadata, const std::string& sentence,
                                        const resource::EndpointStatus& previous, base::WallTime now);

}  // namespace tlswarden::reconcile

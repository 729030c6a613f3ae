#pragma once

#include <optional>

#include "probe/observation.hpp"
#include "verdict/finding.hpp"

namespace tlswarden::verdict {

/// A client that insists on `least` breaks the handshake off when the server settles for an older version.
/// The probe itself goes below that to see more; nothing when the version is good enough or none was
/// negotiated.
std::optional<Finding> judge_protocol(const probe::TlsObservation& tls, resource::TlsVersion least);

}  // namespace tlswarden::verdict

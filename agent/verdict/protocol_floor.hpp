#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/observation.hpp"
#include "verdict/finding.hpp"

namespace tlswarden::verdict {

/// A client that insists on `least` breaks the handshake off when the server settles for an older version.
/// The probe itself goes below that to see more; nothing when the version is good enough or none was
/// negotiated.
std::optional<Finding> judge_protocol(const probe::TlsObservation& tls, resource::TlsVersion least);

/// The versions below `least` that the server accepts, newest first, as far as that was looked at.
std::vector<std::string> legacy_versions(const probe::Observation& seen, resource::TlsVersion least);

/// What the server accepts below `least`, as far as that was looked at; nothing when it accepts none of it.
std::optional<Finding> judge_legacy_protocols(const probe::Observation& seen, resource::TlsVersion least);

}  // namespace tlswarden::verdict

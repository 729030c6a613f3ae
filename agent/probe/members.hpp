#pragma once

#include "probe/journal.hpp"
#include "probe/observation.hpp"
#include "probe/target.hpp"
#include "probe/workshop.hpp"

namespace tlswarden::probe {

/// Looks at every server that stands behind the target: the hosts of its seed list, all addresses of its
/// name, or just the one. The first is looked at in full and is the observation; the others' TLS is in its
/// members, 64 at most. References must outlive the coroutine.
net::Awaitable<Observation> check_members(Workshop& workshop, const Target& target, Journal& journal,
                                          base::Deadline deadline);

}  // namespace tlswarden::probe

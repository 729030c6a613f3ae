#pragma once

#include <optional>

#include "probe/journal.hpp"
#include "probe/observation.hpp"
#include "probe/target.hpp"
#include "probe/workshop.hpp"

namespace tlswarden::probe {

/// Looks at one server: resolve → connect → negotiate → handshake → protocol step, then, on connections of
/// their own and where they are due, the attempt without TLS, the old protocol versions and the login. Never
/// fails as such. References must outlive the coroutine.
net::Awaitable<Observation> check_server(Workshop& workshop, const Target& target, Journal& journal,
                                         base::Deadline deadline);

/// The same up to the protocol step; at `address` if it is given, without resolving. The driver for
/// target.engine must exist.
net::Awaitable<Observation> check_tls_of_server(Workshop& workshop, const Target& target, Journal& journal,
                                                base::Deadline deadline, std::optional<net::Address> address);

}  // namespace tlswarden::probe

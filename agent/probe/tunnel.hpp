#pragma once

#include <optional>
#include <vector>

#include "probe/connection.hpp"
#include "probe/prober.hpp"
#include "probe/target.hpp"

namespace tlswarden::probe {

/// The failure that a way through the bastion ended in. What is wrong with the SSH connection has the stage
/// kTunnel; what the bastion says about the server has `stage`.
Failure failure_from(const net::TunnelError& error, Stage stage);

/// Brings the SSH connection to the target's bastion about. Precondition: the target has one.
net::Awaitable<std::optional<Failure>> reach_bastion(const ProberServices& services, const Target& target,
                                                     base::Deadline deadline);

/// As connect_first, but through the target's bastion where it has one.
net::Awaitable<base::Result<Connected, Failure>> connect_to_server(const ProberServices& services,
                                                                   const Target& target,
                                                                   const std::vector<net::Address>& addresses,
                                                                   base::Deadline deadline);

/// Says that a connection besides the main one failed: the stage becomes `stage`, unless it is the tunnel
/// that failed.
void restage(Failure& failure, Stage stage);

}  // namespace tlswarden::probe

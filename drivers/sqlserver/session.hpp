#pragma once

#include "net/awaitable.hpp"
#include "probe/driver.hpp"

namespace tlswarden::drivers::sqlserver {

/// Logs in through FreeTDS, over a connection from context.open_channel(). References must outlive the
/// coroutine.
net::Awaitable<probe::SessionObservation> log_in(probe::SessionContext& context);

}  // namespace tlswarden::drivers::sqlserver

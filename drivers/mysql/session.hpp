#pragma once

#include "net/awaitable.hpp"
#include "probe/driver.hpp"

namespace tlswarden::drivers::mysql {

/// A real login through Connector/C over a channel of ours. Where a plaintext login is refused in words that
/// also stand for a wrong password, one more over TLS tells the two apart.
net::Awaitable<probe::SessionObservation> log_in(probe::SessionContext& context);

}  // namespace tlswarden::drivers::mysql

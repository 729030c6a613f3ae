#pragma once

#include "probe/driver.hpp"

namespace tlswarden::drivers::oracle {

/// No login yet: answers that this build makes none, so that everything that only a login tells is unknown.
net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context);

}  // namespace tlswarden::drivers::oracle

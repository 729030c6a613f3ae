#pragma once

#include "probe/driver.hpp"

namespace tlswarden::drivers::mongodb {

/// A real login by libmongoc, through the relay on a connection of the prober's, which was verified as the
/// declared mode demands; this also gives it the server name, the protocol floor and the client certificate.
/// SCRAM, or MONGODB-X509 for a user without a password who has a client certificate. MongoDB's clients have
/// no fallback from TLS, so `prefer` counts as `require`. Precondition: context.target().credentials is set.
net::Awaitable<probe::SessionObservation> run_session(probe::SessionContext& context);

}  // namespace tlswarden::drivers::mongodb

#pragma once

#include <optional>

#include "pki/verification.hpp"
#include "probe/failure.hpp"
#include "probe/target.hpp"

namespace tlswarden::probe {

/// What is known of one connection over which credentials might be sent.
struct Channel {
  bool encrypted = false;
  const pki::Chain& chain;  ///< as served on this very connection
};

/// Why `channel` is weaker than the declared mode, so that credentials must be withheld; nothing when they
/// may pass: disable and prefer take any channel, require an encrypted one, verify-ca one whose chain
/// verifies against the declared trust at `now`, verify-full one that is for the verified name besides,
/// compared as the engine's client compares it. Pure but for the cache.
std::optional<Failure> too_weak(const Target& target, const Channel& channel, base::WallTime now,
                                pki::VerificationCache& cache);

}  // namespace tlswarden::probe

#pragma once

#include "base/clock.hpp"
#include "pki/prepared_store.hpp"
#include "pki/verification.hpp"

namespace tlswarden::pki {

/// verify_chain against a store that is already prepared.
ChainVerification verify_with(const Chain& served, const PreparedStore& store, Purpose purpose,
                              base::WallTime at);

}  // namespace tlswarden::pki

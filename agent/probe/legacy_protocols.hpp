#pragma once

#include <optional>

#include "probe/driver.hpp"
#include "probe/journal.hpp"
#include "probe/workshop.hpp"

namespace tlswarden::probe {

/// Offers the versions below target.min_version, newest first, on connections of their own to `address`: one
/// connection for a server that accepts none of them, one more for each that it does accept. Nothing when the
/// network spoilt it, so that silence is not taken for a refusal. References must outlive the coroutine.
net::Awaitable<std::optional<LegacyProtocolObservation>> offer_legacy_protocols(
    Workshop& workshop, const Target& target, const Driver& driver, Journal& journal, net::Address address,
    resource::NegotiationStyle style, base::Deadline deadline);

}  // namespace tlswarden::probe

#pragma once

#include "probe/conversation.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::clickhouse {

/// One question under TLS: any answer of ClickHouse's shows that it accepted the client, the refusal of a
/// made-up user included. Tells the version where that refusal does. Never sends a secret.
probe::ConversationPtr make_protocol_step(const probe::Target& target, const probe::TlsObservation& tls);

}  // namespace tlswarden::drivers::clickhouse

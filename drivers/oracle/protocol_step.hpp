#pragma once

#include "probe/conversation.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::oracle {

/// CONNECT under TLS. Any answer in Oracle Net's protocol shows that the listener accepted the client, a
/// refusal included; that one also tells the listener's version, unless it is hidden. Never sends a secret.
probe::ConversationPtr make_protocol_step(const probe::Target& target, const probe::TlsObservation& tls);

}  // namespace tlswarden::drivers::oracle

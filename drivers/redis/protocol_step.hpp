#pragma once

#include "probe/conversation.hpp"

namespace tlswarden::drivers::redis {

/// HELLO under TLS: any reply shows that the server accepted the client, NOAUTH included. Tells version and
/// product where the server asks for no login. Never sends a secret.
probe::ConversationPtr make_protocol_step(const probe::TlsObservation& tls);

}  // namespace tlswarden::drivers::redis

#pragma once

#include "probe/conversation.hpp"

namespace tlswarden::drivers::cassandra {

/// OPTIONS under TLS: any answer of the node shows that it accepted the client. Tells the product; the
/// release only after a login. Never sends a secret.
probe::ConversationPtr make_protocol_step(const probe::TlsObservation& tls);

}  // namespace tlswarden::drivers::cassandra

#pragma once

#include "probe/conversation.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::etcd {

/// GET /version and GET /health under TLS: an answer shows that the server accepted the client. Tells the
/// version, and whether the member is well. Never sends a secret.
probe::ConversationPtr make_protocol_step(const probe::Target& target, const probe::TlsObservation& tls);

}  // namespace tlswarden::drivers::etcd

#pragma once

#include "probe/conversation.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::postgresql {

/// StartupMessage under TLS. A request for a password, or a session without one, shows that the certificate
/// question was passed; PostgreSQL decides it only here ("connection requires a valid client certificate").
/// Ends where a password would be due: an end of stream there leaves nothing in the server's log. Other
/// errors are a notice.
probe::ConversationPtr make_protocol_step(const probe::Target& target, const probe::TlsObservation& tls);

}  // namespace tlswarden::drivers::postgresql

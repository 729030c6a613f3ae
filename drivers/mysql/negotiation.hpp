#pragma once

#include "probe/conversation.hpp"
#include "probe/observation.hpp"

namespace tlswarden::drivers::mysql {

/// From connect to ClientHello: the server's greeting, then SSLRequest. Refused with kTlsNotOffered where the
/// greeting lacks CLIENT_SSL, and with the error's cause where the server turns the connection away. The
/// greeting, packet header included, is in the findings for whoever goes on with this connection.
probe::ConversationPtr make_negotiation();

/// Inside TLS: ends the connection phase with a made-up user, so the server counts no error against this
/// host. `negotiated` are the findings of make_negotiation().
probe::ConversationPtr make_protocol_step(const probe::Findings& negotiated,
                                          const probe::TlsObservation& tls);

/// The same in plaintext behind a negotiation that found no TLS. Null where there is nothing to end politely.
probe::ConversationPtr make_farewell(const probe::Findings& negotiated);

/// A connection of its own without TLS, with a made-up user. A server with TLS decides about plaintext only
/// once it knows the account, so the answer is kUnknown unless the server lacks TLS altogether.
probe::ConversationPtr make_plaintext_attempt();

}  // namespace tlswarden::drivers::mysql

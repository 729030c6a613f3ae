#pragma once

#include "probe/conversation.hpp"

namespace tlswarden::drivers::mongodb {

/// The greeting under TLS: any reply shows that the server accepted the client. mongod finishes the handshake
/// with any certificate and with none, and where that does not satisfy it ends the connection without an
/// alert and without a word (ssl_manager_openssl.cpp, parseAndValidatePeerCertificate). Never sends a secret.
probe::ConversationPtr make_protocol_step(const probe::TlsObservation& tls);

}  // namespace tlswarden::drivers::mongodb

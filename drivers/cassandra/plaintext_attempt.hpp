#pragma once

#include "probe/conversation.hpp"

namespace tlswarden::drivers::cassandra {

/// OPTIONS without TLS, on the same port: since Cassandra 4.0 one port can serve both
/// (client_encryption_options.optional). A node that insists on TLS hangs up; one that answers would take a
/// login too.
probe::ConversationPtr make_plaintext_attempt();

}  // namespace tlswarden::drivers::cassandra

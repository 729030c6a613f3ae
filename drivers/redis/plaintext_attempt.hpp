#pragma once

#include "probe/conversation.hpp"

namespace tlswarden::drivers::redis {

/// HELLO without TLS. A reply in Redis's protocol shows a listener that takes clients without TLS; a TLS
/// listener ends the connection or answers with a TLS alert.
probe::ConversationPtr make_plaintext_attempt();

}  // namespace tlswarden::drivers::redis

#pragma once

#include "probe/conversation.hpp"

namespace tlswarden::drivers::mongodb {

/// The greeting without TLS. Under requireTLS mongod ends the connection unanswered; otherwise it replies.
probe::ConversationPtr make_plaintext_attempt();

}  // namespace tlswarden::drivers::mongodb

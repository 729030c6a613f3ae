#pragma once

#include "probe/conversation.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::postgresql {

/// StartupMessage without TLS, up to where a password would be due. PostgreSQL decides per host, user and
/// database, so without a declared user the answer is about a made-up one.
probe::ConversationPtr make_plaintext_attempt(const probe::Target& target);

}  // namespace tlswarden::drivers::postgresql

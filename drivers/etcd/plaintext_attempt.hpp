#pragma once

#include "probe/conversation.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::etcd {

/// GET /version without TLS. The version shows a port that takes clients without TLS; a TLS port closes the
/// connection, or says so first (Go's web server).
probe::ConversationPtr make_plaintext_attempt(const probe::Target& target);

}  // namespace tlswarden::drivers::etcd

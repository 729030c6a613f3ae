#pragma once

#include "probe/conversation.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::clickhouse {

/// The same question without TLS. An answer of ClickHouse's shows a port that takes clients without TLS; a
/// TLS port resets the connection.
probe::ConversationPtr make_plaintext_attempt(const probe::Target& target);

}  // namespace tlswarden::drivers::clickhouse

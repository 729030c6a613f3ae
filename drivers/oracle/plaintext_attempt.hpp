#pragma once

#include "probe/conversation.hpp"
#include "probe/target.hpp"

namespace tlswarden::drivers::oracle {

/// CONNECT without TLS. An answer in Oracle Net's protocol shows a listener that takes clients without TLS; a
/// TCPS address ends the connection or answers with a TLS alert. What native network encryption the database
/// may demand later is not TLS and does not count.
probe::ConversationPtr make_plaintext_attempt(const probe::Target& target);

}  // namespace tlswarden::drivers::oracle

#pragma once

#include "probe/conversation.hpp"

namespace tlswarden::drivers::postgresql {

/// SSLRequest and its one-byte answer (PostgreSQL manual, "SSL Session Encryption"). Ends with StartTls on
/// 'S', Refused on 'N' and on an ErrorResponse, Fail on anything else; a byte behind the 'S' is an injection.
probe::ConversationPtr make_negotiation();

}  // namespace tlswarden::drivers::postgresql

#pragma once

#include "base/bytes.hpp"

namespace tlswarden::drivers::sqlserver {

enum class LoginReply {
  kFinal,       ///< admitted or refused by this very server
  kRedirected,  ///< names another server that the client should log in to instead
  kBroken,      ///< holds what no answer to a plain login holds, or does not end properly
};

/// Looks through the tokens (MS-TDS section 2.2.7) of the message that answers LOGIN7. Clients follow a
/// redirection at once, wherever it leads.
LoginReply examine_login_reply(base::ByteView tokens);

}  // namespace tlswarden::drivers::sqlserver

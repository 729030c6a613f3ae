#pragma once

namespace tlswarden::pki {

/// From now on no library in this process that uses OpenSSL can ask a person for a passphrase: the question
/// fails instead. libpq, Connector/C and others ask on the terminal itself, not only on standard input. Call
/// once, before any thread starts.
void forbid_passphrase_prompts();

}  // namespace tlswarden::pki

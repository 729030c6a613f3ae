#pragma once

#include <optional>
#include <string_view>

#include "probe/observation.hpp"

namespace tlswarden::drivers::mysql {

/// What an account's own definition demands of its connections.
enum class AccountPolicy { kAnything, kTls, kClientCertificate };

/// Reads the REQUIRE clause of what SHOW CREATE USER or (MariaDB) SHOW GRANTS answers. Quoted names and
/// strings are passed over, whatever they contain.
AccountPolicy account_policy(std::string_view statement);

/// Whether a session of that account may be unencrypted. `everywhere`: require_secure_transport.
probe::Tristate plaintext_allowed(std::optional<bool> everywhere, std::optional<AccountPolicy> account);

}  // namespace tlswarden::drivers::mysql

#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "drivers/mysql/greeting.hpp"

/// The client's packets of the connection phase (MySQL internals, "Connection Phase Packets").
namespace tlswarden::drivers::mysql {

/// The account that checks without a login name. It need not exist, and had better not.
inline constexpr std::string_view kMadeUpUser = "tlswarden";

/// What we tell the server we can do: no more than the packets that follow make use of. MySQL reads these
/// flags from SSLRequest and never again, so whatever is said inside TLS must say the same.
std::uint32_t client_capabilities(const Greeting& greeting, bool tls);

/// The request to go on with TLS: sequence 1, ClientHello follows at once.
base::Bytes ssl_request(const Greeting& greeting);

/// HandshakeResponse41 for the made-up user, without a password. Sequence 2 behind SSLRequest, else 1.
base::Bytes made_up_login(const Greeting& greeting, bool tls);

/// The payload with which a client without a password answers a request of `plugin` for authentication data.
/// The length matters: one that the plugin can't read counts as a broken-off handshake, which in the end
/// blocks our host.
base::Bytes passwordless_answer(std::string_view plugin);

/// COM_QUIT.
base::Bytes quit();

}  // namespace tlswarden::drivers::mysql

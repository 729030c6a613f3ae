#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/redis/reply.hpp"
#include "probe/observation.hpp"

/// What the server says about the session it has with us. Pure.
namespace tlswarden::drivers::redis {

/// The version in the text of INFO: valkey_version where there is one, as Valkey's redis_version is that of
/// the Redis it is compatible with.
std::string version_of(std::string_view info);

/// The port of the server that CLIENT INFO names as our local address ("laddr", Redis 6.2 and later). It is
/// the server's own view, so address translation on the way does not matter.
std::optional<std::uint16_t> local_port_of(std::string_view client_info);

/// Whether a session came in at `port` by a TLS listener, from the listener lines of INFO (Redis 7.2,
/// Valkey). Unknown where INFO has none for that port.
probe::Tristate encrypted_by_listeners(std::string_view info, std::uint16_t port);

/// The same from the reply to CONFIG GET tls-port, for older servers.
probe::Tristate encrypted_by_tls_port(const Reply& config, std::uint16_t port);

}  // namespace tlswarden::drivers::redis

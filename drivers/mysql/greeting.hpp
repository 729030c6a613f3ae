#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "probe/failure.hpp"

namespace tlswarden::drivers::mysql {

/// Capability flags (MySQL internals, "Capabilities Flags") as far as they matter here.
inline constexpr std::uint32_t kClientMysql =
    0x1;  ///< LONG_PASSWORD; MariaDB clears it to announce its extensions
inline constexpr std::uint32_t kProtocol41 = 0x200;
inline constexpr std::uint32_t kClientSsl = 0x800;
inline constexpr std::uint32_t kSecureConnection = 0x8000;
inline constexpr std::uint32_t kPluginAuth = 0x80000;

/// The largest greeting that is accepted. Real ones are near 100 bytes.
inline constexpr std::size_t kMaxGreeting = 4096;

/// The server's first packet, HandshakeV10.
struct Greeting {
  std::string version;  ///< without MariaDB's "5.5.5-" disguise, escaped for display; at most 120 bytes
  std::string product;  ///< "MySQL" or "MariaDB"
  std::uint32_t capabilities = 0;
  std::string plugin;  ///< the server's default authentication plugin; may be empty

  // Where in the payload what a relay must rewrite stands; 0: not there.
  std::size_t low_capabilities_at = 0, high_capabilities_at = 0, extended_capabilities_at = 0, plugin_at = 0;

  bool offers_tls() const { return (capabilities & kClientSsl) != 0; }
};

/// Reads the payload of a greeting. Fails with stage `stage` and kNotThisProtocol where this is no MySQL at
/// all, kMalformedMessage where it is a broken one, kUnsupported where it is one from before MySQL 4.1, and
/// with the error's own cause (kHostBlocked, kServerBusy, …) where the server turns the connection away.
base::Result<Greeting, probe::Failure> parse_greeting(base::ByteView payload, probe::Stage stage);

}  // namespace tlswarden::drivers::mysql

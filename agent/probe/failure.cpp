#include "probe/failure.hpp"

#include <array>
#include <cstddef>

namespace tlswarden::probe {
namespace {

/// In the order of the enumeration.
constexpr std::array<std::string_view, static_cast<std::size_t>(Cause::kInternal) + 1> kCauseNames{
    "name-not-found",
    "resolver-failure",
    "connection-refused",
    "connection-reset",
    "network-unreachable",
    "timed-out",
    "peer-closed",
    "not-tls",
    "not-this-protocol",
    "malformed-message",
    "message-too-large",
    "unexpected-bytes",
    "tls-not-offered",
    "direct-tls-unsupported",
    "protocol-version",
    "no-shared-cipher",
    "handshake-refused",
    "alpn-refused",
    "name-unrecognised",
    "client-certificate-required",
    "client-certificate-rejected",
    "host-blocked",
    "host-not-allowed",
    "server-busy",
    "server-starting",
    "authentication-failed",
    "access-refused",
    "tls-required",
    "tls-refused",
    "database-not-found",
    "host-key-unknown",
    "host-key-mismatch",
    "tunnel-key-unusable",
    "tunnel-key-refused",
    "forwarding-refused",
    "unreachable-by-bastion",
    "tunnel-lost",
    "channel-too-weak",
    "unsupported",
    "server-error",
    "cancelled",
    "internal",
};
static_assert(!kCauseNames.back().empty(), "every cause has a name");

}  // namespace

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::kResolve:
      return "resolve";
    case Stage::kTunnel:
      return "tunnel";
    case Stage::kConnect:
      return "connect";
    case Stage::kNegotiate:
      return "negotiate";
    case Stage::kHandshake:
      return "handshake";
    case Stage::kProtocolStep:
      return "protocol-step";
    case Stage::kPlaintext:
      return "plaintext";
    case Stage::kSession:
      return "session";
  }
  return "unknown";
}

std::string_view to_string(Cause cause) {
  return kCauseNames.at(static_cast<std::size_t>(cause));
}

}  // namespace tlswarden::probe

#include "probe/failure.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace tlswarden::probe {
namespace {

constexpr std::array<std::pair<Cause, std::string_view>, static_cast<std::size_t>(Cause::kInternal) + 1>
    kCauseNames{{
        {Cause::kNameNotFound, "name-not-found"},
        {Cause::kResolverFailure, "resolver-failure"},
        {Cause::kConnectionRefused, "connection-refused"},
        {Cause::kConnectionReset, "connection-reset"},
        {Cause::kNetworkUnreachable, "network-unreachable"},
        {Cause::kTimedOut, "timed-out"},
        {Cause::kPeerClosed, "peer-closed"},
        {Cause::kNotTls, "not-tls"},
        {Cause::kNotThisProtocol, "not-this-protocol"},
        {Cause::kMalformedMessage, "malformed-message"},
        {Cause::kMessageTooLarge, "message-too-large"},
        {Cause::kUnexpectedBytes, "unexpected-bytes"},
        {Cause::kTlsNotOffered, "tls-not-offered"},
        {Cause::kDirectTlsUnsupported, "direct-tls-unsupported"},
        {Cause::kProtocolVersion, "protocol-version"},
        {Cause::kNoSharedCipher, "no-shared-cipher"},
        {Cause::kHandshakeRefused, "handshake-refused"},
        {Cause::kAlpnRefused, "alpn-refused"},
        {Cause::kNameUnrecognised, "name-unrecognised"},
        {Cause::kClientCertificateRequired, "client-certificate-required"},
        {Cause::kClientCertificateRejected, "client-certificate-rejected"},
        {Cause::kHostBlocked, "host-blocked"},
        {Cause::kHostNotAllowed, "host-not-allowed"},
        {Cause::kServerBusy, "server-busy"},
        {Cause::kServerStarting, "server-starting"},
        {Cause::kAuthenticationFailed, "authentication-failed"},
        {Cause::kAccessRefused, "access-refused"},
        {Cause::kTlsRequired, "tls-required"},
        {Cause::kTlsRefused, "tls-refused"},
        {Cause::kDatabaseNotFound, "database-not-found"},
        {Cause::kHostKeyUnknown, "host-key-unknown"},
        {Cause::kHostKeyMismatch, "host-key-mismatch"},
        {Cause::kTunnelKeyUnusable, "tunnel-key-unusable"},
        {Cause::kTunnelKeyRefused, "tunnel-key-refused"},
        {Cause::kForwardingRefused, "forwarding-refused"},
        {Cause::kUnreachableByBastion, "unreachable-by-bastion"},
        {Cause::kTunnelLost, "tunnel-lost"},
        {Cause::kChannelTooWeak, "channel-too-weak"},
        {Cause::kUnsupported, "unsupported"},
        {Cause::kServerError, "server-error"},
        {Cause::kCancelled, "cancelled"},
        {Cause::kInternal, "internal"},
    }};

constexpr bool in_the_order_of_the_enumeration() {
  for (std::size_t i = 0; i < kCauseNames.size(); ++i) {
    if (static_cast<std::size_t>(kCauseNames.at(i).first) != i) return false;
  }
  return true;
}
static_assert(in_the_order_of_the_enumeration());

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
  return kCauseNames.at(static_cast<std::size_t>(cause)).second;
}

}  // namespace tlswarden::probe

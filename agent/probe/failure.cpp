#include "probe/failure.hpp"

namespace tlswarden::probe {

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
  switch (cause) {
    case Cause::kNameNotFound:
      return "name-not-found";
    case Cause::kResolverFailure:
      return "resolver-failure";
    case Cause::kConnectionRefused:
      return "connection-refused";
    case Cause::kConnectionReset:
      return "connection-reset";
    case Cause::kNetworkUnreachable:
      return "network-unreachable";
    case Cause::kTimedOut:
      return "timed-out";
    case Cause::kPeerClosed:
      return "peer-closed";
    case Cause::kNotTls:
      return "not-tls";
    case Cause::kNotThisProtocol:
      return "not-this-protocol";
    case Cause::kMalformedMessage:
      return "malformed-message";
    case Cause::kMessageTooLarge:
      return "message-too-large";
    case Cause::kUnexpectedBytes:
      return "unexpected-bytes";
    case Cause::kTlsNotOffered:
      return "tls-not-offered";
    case Cause::kDirectTlsUnsupported:
      return "direct-tls-unsupported";
    case Cause::kProtocolVersion:
      return "protocol-version";
    case Cause::kNoSharedCipher:
      return "no-shared-cipher";
    case Cause::kHandshakeRefused:
      return "handshake-refused";
    case Cause::kAlpnRefused:
      return "alpn-refused";
    case Cause::kNameUnrecognised:
      return "name-unrecognised";
    case Cause::kClientCertificateRequired:
      return "client-certificate-required";
    case Cause::kClientCertificateRejected:
      return "client-certificate-rejected";
    case Cause::kHostBlocked:
      return "host-blocked";
    case Cause::kHostNotAllowed:
      return "host-not-allowed";
    case Cause::kServerBusy:
      return "server-busy";
    case Cause::kServerStarting:
      return "server-starting";
    case Cause::kAuthenticationFailed:
      return "authentication-failed";
    case Cause::kAccessRefused:
      return "access-refused";
    case Cause::kTlsRequired:
      return "tls-required";
    case Cause::kTlsRefused:
      return "tls-refused";
    case Cause::kDatabaseNotFound:
      return "database-not-found";
    case Cause::kHostKeyUnknown:
      return "host-key-unknown";
    case Cause::kHostKeyMismatch:
      return "host-key-mismatch";
    case Cause::kTunnelKeyUnusable:
      return "tunnel-key-unusable";
    case Cause::kTunnelKeyRefused:
      return "tunnel-key-refused";
    case Cause::kForwardingRefused:
      return "forwarding-refused";
    case Cause::kUnreachableByBastion:
      return "unreachable-by-bastion";
    case Cause::kTunnelLost:
      return "tunnel-lost";
    case Cause::kChannelTooWeak:
      return "channel-too-weak";
    case Cause::kUnsupported:
      return "unsupported";
    case Cause::kServerError:
      return "server-error";
    case Cause::kCancelled:
      return "cancelled";
    case Cause::kInternal:
      return "internal";
  }
  return "unknown";
}

}  // namespace tlswarden::probe

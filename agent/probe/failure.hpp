#pragma once

#include <string>
#include <string_view>

namespace tlswarden::probe {

/// Where in the check something happened, in the order of the check.
enum class Stage {
  kResolve,
  kTunnel,  ///< the SSH connection to the bastion, where the spec declares one
  kConnect,
  kNegotiate,  ///< the engine's own bytes before TLS
  kHandshake,
  kProtocolStep,  ///< the one step after the handshake
  kPlaintext,     ///< the separate attempt without TLS
  kSession,       ///< the login
};
std::string_view to_string(Stage stage);  ///< "resolve", "connect", … also the metric label

/// What happened. Together with the stage this is the whole taxonomy; a cause never repeats the stage's name.
enum class Cause {
  kNameNotFound,
  kResolverFailure,
  kConnectionRefused,
  kConnectionReset,
  kNetworkUnreachable,
  kTimedOut,
  kPeerClosed,       ///< the peer ended the stream where it should have answered
  kNotTls,           ///< the answer to ClientHello is not TLS ("wrong version number"), or none at all from a
                     ///< port known to swallow it
  kNotThisProtocol,  ///< the answer is not this engine's protocol
  kMalformedMessage,      ///< this engine's protocol, broken
  kMessageTooLarge,       ///< a bound was hit
  kUnexpectedBytes,       ///< bytes before the TLS handshake that must not be there: possible injection
  kTlsNotOffered,         ///< the engine's protocol says that it has no TLS here
  kDirectTlsUnsupported,  ///< TLS-first refused where in-band negotiation may work
  kProtocolVersion,       ///< no common TLS version
  kNoSharedCipher,
  kHandshakeRefused,  ///< alert handshake_failure or another fatal alert without a clearer cause
  kAlpnRefused,
  kNameUnrecognised,  ///< alert unrecognized_name: the server knows no such SNI
  kClientCertificateRequired,
  kClientCertificateRejected,
  kHostBlocked,     ///< MySQL 1129
  kHostNotAllowed,  ///< MySQL 1130
  kServerBusy,      ///< too many connections
  kServerStarting,  ///< starting up, shutting down, recovering
  kAuthenticationFailed,
  kAccessRefused,  ///< no rule admits this user, database or address
  kTlsRequired,    ///< the server refuses this session because it is not encrypted
  kTlsRefused,     ///< the server admits this user only without TLS (hostnossl)
  kDatabaseNotFound,
  kHostKeyUnknown,        ///< of the bastion: nothing is pinned for it
  kHostKeyMismatch,       ///< the bastion shows another host key than the pinned one, or a revoked one
  kTunnelKeyUnusable,     ///< ours: the private key for the bastion cannot be read
  kTunnelKeyRefused,      ///< the bastion does not let us in
  kForwardingRefused,     ///< the bastion does not forward to the server
  kUnreachableByBastion,  ///< the bastion cannot connect to the server
  kTunnelLost,            ///< the SSH connection broke off under a conversation with the server
  kChannelTooWeak,        ///< ours: credentials withheld, the channel does not meet the declared mode
  kUnsupported,           ///< ours: this build or its client library cannot do what was declared
  kServerError,           ///< the server answered an error of its own that is none of the above
  kCancelled,
  kInternal,
};
std::string_view to_string(Cause cause);

/// Server's words, raw and bounded to 2 KiB by whoever captured them; shown only through base::printable.
using PeerText = std::string;

struct Failure {
  Stage stage{};
  Cause cause{};
  std::string message;  ///< ours, for people; never contains peer_text
  PeerText peer_text;   ///< the server's own words, if it sent any
  std::string code;     ///< the protocol's code: SQLSTATE "28000", MySQL "1045", TLS alert "42"
};

}  // namespace tlswarden::probe

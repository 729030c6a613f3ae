#include "verdict/failure_reasons.hpp"

#include <algorithm>

#include "verdict/reason_names.hpp"
#include "verdict/reasons.hpp"

namespace tlswarden::verdict {
namespace {

using probe::Cause;
using probe::Stage;

const char* timeout_reason(Stage stage) {
  switch (stage) {
    case Stage::kResolve:
      return reason::kDnsFailure;
    case Stage::kTunnel:
      return reason::kTunnelUnreachable;
    case Stage::kConnect:
      return reason::kConnectTimeout;
    case Stage::kHandshake:
      return reason::kHandshakeTimeout;
    case Stage::kSession:
      return reason::kLoginTimeout;
    case Stage::kNegotiate:
    case Stage::kProtocolStep:
    case Stage::kPlaintext:
      return reason::kNegotiationTimeout;
  }
  return reason::kNegotiationTimeout;
}

/// An alert has a number below 256; SQLSTATE has five characters, MySQL's codes have four digits.
bool is_tls_alert(const std::string& code) {
  return !code.empty() && code.size() <= 3 &&
         std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Whatever of the network's failures happens on the way to the bastion says nothing about the server.
bool on_the_way_to_the_bastion(Stage stage, Cause cause) {
  if (stage != Stage::kTunnel) return false;
  switch (cause) {
    case Cause::kNameNotFound:
    case Cause::kResolverFailure:
    case Cause::kConnectionRefused:
    case Cause::kConnectionReset:
    case Cause::kNetworkUnreachable:
    case Cause::kPeerClosed:
    case Cause::kNotThisProtocol:
      return true;
    default:
      return false;
  }
}

bool keeps_away(const probe::Failure& failure) {
  if (ours(failure.cause)) return true;
  switch (failure.cause) {
    case Cause::kHostBlocked:
    case Cause::kHostNotAllowed:
    case Cause::kServerBusy:
    case Cause::kServerStarting:
    case Cause::kTunnelLost:
      return true;
    case Cause::kTlsNotOffered:
    case Cause::kDirectTlsUnsupported:
    case Cause::kTlsRefused:
    case Cause::kTlsRequired:
    case Cause::kNotTls:
    case Cause::kUnexpectedBytes:
      return false;
    default:
      return failure.stage <= Stage::kNegotiate;
  }
}

/// Failures of the negotiation that may be about being asked for TLS, rather than about any connection.
bool minds_the_question(const probe::Failure& failure) {
  if (failure.stage != Stage::kNegotiate) return false;
  switch (failure.cause) {
    case Cause::kPeerClosed:
    case Cause::kConnectionReset:
    case Cause::kTimedOut:
    case Cause::kNotThisProtocol:
    case Cause::kMalformedMessage:
    case Cause::kServerError:
      return true;
    default:
      return false;
  }
}

/// Whether the same check got the protocol's own answer without TLS. One that is only remembered tells
/// nothing of today.
bool spoke_without_tls(const probe::Observation& observation) {
  const auto& plaintext = observation.plaintext;
  return plaintext && plaintext->accepted != probe::Tristate::kUnknown && plaintext->at >= observation.at;
}

bool breaks_off(const probe::Failure& failure) {
  return failure.stage == Stage::kHandshake &&
         (failure.cause == Cause::kPeerClosed || failure.cause == Cause::kConnectionReset ||
          failure.cause == Cause::kTimedOut);
}

const char* tunnel_reason(Cause cause) {
  switch (cause) {
    case Cause::kHostKeyUnknown:
      return reason::kTunnelHostKeyUnknown;
    case Cause::kHostKeyMismatch:
      return reason::kTunnelHostKeyMismatch;
    case Cause::kTunnelKeyUnusable:
      return reason::kTunnelKeyInvalid;
    case Cause::kTunnelKeyRefused:
      return reason::kTunnelAuthenticationFailed;
    case Cause::kForwardingRefused:
      return reason::kTunnelForwardingRefused;
    case Cause::kUnreachableByBastion:
      return reason::kTunnelTargetUnreachable;
    default:
      return reason::kTunnelUnreachable;
  }
}

}  // namespace

const char* reason_for(Stage stage, Cause cause) {
  if (on_the_way_to_the_bastion(stage, cause)) return reason::kTunnelUnreachable;
  switch (cause) {
    case Cause::kNameNotFound:
    case Cause::kResolverFailure:
      return reason::kDnsFailure;
    case Cause::kConnectionRefused:
      return reason::kConnectionRefused;
    case Cause::kConnectionReset:
    case Cause::kPeerClosed:
      return reason::kConnectionReset;
    case Cause::kNetworkUnreachable:
      return reason::kNetworkUnreachable;
    case Cause::kTimedOut:
      return timeout_reason(stage);
    case Cause::kNotTls:
      return reason::kNotTls;
    case Cause::kNotThisProtocol:
      return reason::kWrongProtocol;
    case Cause::kMalformedMessage:
    case Cause::kMessageTooLarge:
      return reason::kProtocolError;
    case Cause::kUnexpectedBytes:
      return reason::kUnexpectedBytes;
    case Cause::kTlsNotOffered:
      return reason::kTlsNotSupported;
    case Cause::kDirectTlsUnsupported:
      return reason::kDirectTlsUnsupported;
    case Cause::kProtocolVersion:
      return reason::kProtocolVersionTooLow;
    case Cause::kNoSharedCipher:
      return reason::kNoSharedCipher;
    case Cause::kHandshakeRefused:
      return reason::kHandshakeFailure;
    case Cause::kAlpnRefused:
      return reason::kAlpnRefused;
    case Cause::kNameUnrecognised:
      return reason::kServerNameUnrecognised;
    case Cause::kClientCertificateRequired:
      return reason::kClientCertificateRequired;
    case Cause::kClientCertificateRejected:
      return reason::kClientCertificateRejected;
    case Cause::kHostBlocked:
      return reason::kHostBlocked;
    case Cause::kHostNotAllowed:
      return reason::kHostNotAllowed;
    case Cause::kServerBusy:
      return reason::kServerBusy;
    case Cause::kServerStarting:
      return reason::kServerStarting;
    case Cause::kAuthenticationFailed:
      return reason::kAuthenticationFailed;
    case Cause::kAccessRefused:
      return reason::kAccessRefused;
    case Cause::kTlsRequired:
      return reason::kServerRequiresTls;
    case Cause::kTlsRefused:
      return reason::kTlsRefused;
    case Cause::kDatabaseNotFound:
      return reason::kDatabaseNotFound;
    case Cause::kHostKeyUnknown:
    case Cause::kHostKeyMismatch:
    case Cause::kTunnelKeyUnusable:
    case Cause::kTunnelKeyRefused:
    case Cause::kForwardingRefused:
    case Cause::kUnreachableByBastion:
    case Cause::kTunnelLost:
      return tunnel_reason(cause);
    case Cause::kChannelTooWeak:
      return reason::kChannelTooWeak;
    case Cause::kUnsupported:
      return stage == Stage::kSession ? reason::kLoginUnsupported : reason::kEngineUnsupported;
    case Cause::kServerError:
      return reason::kServerError;
    case Cause::kCancelled:
      return reason::kCheckCancelled;
    case Cause::kInternal:
      return reason::kInternalError;
  }
  return reason::kInternalError;
}

Finding describe(const probe::Failure& failure) {
  const char* reason = reason_for(failure.stage, failure.cause);
  if (!failure.message.empty()) return finding_from(reason, failure.message, failure.peer_text);
  const Reason* known = find_reason(reason);
  return {reason, known != nullptr ? as_clause(known->summary) : std::string(), failure.peer_text};
}

const probe::Failure* obstacle(const probe::Observation& observation) {
  const auto& failure = observation.failure;
  if (!failure || !keeps_away(*failure)) return nullptr;
  if (minds_the_question(*failure) && spoke_without_tls(observation)) return nullptr;
  return &*failure;
}

const probe::Failure* setback(const probe::Observation& observation) {
  if (const probe::Failure* found = obstacle(observation)) return found;
  const auto& failure = observation.failure;
  const bool saw_certificate = observation.tls && !observation.tls->chain.empty();
  if (!failure || !breaks_off(*failure) || saw_certificate || spoke_without_tls(observation)) return nullptr;
  return &*failure;
}

bool reached(const probe::Observation& observation) {
  return obstacle(observation) == nullptr;
}

bool ours(Cause cause) {
  return cause == Cause::kUnsupported || cause == Cause::kCancelled || cause == Cause::kInternal;
}

bool refuses_login(Cause cause) {
  switch (cause) {
    case Cause::kAuthenticationFailed:
    case Cause::kAccessRefused:
    case Cause::kDatabaseNotFound:
    case Cause::kClientCertificateRequired:
    case Cause::kClientCertificateRejected:
    case Cause::kTlsRefused:
    case Cause::kTlsRequired:
    case Cause::kHostNotAllowed:
      return true;
    default:
      return false;
  }
}

FailureClass classify(const probe::Failure& failure) {
  switch (failure.cause) {
    case Cause::kConnectionReset:
    case Cause::kPeerClosed:
      if (failure.stage < Stage::kHandshake) return FailureClass::kNetwork;
      return failure.stage > Stage::kHandshake ? FailureClass::kAfterTls : FailureClass::kLost;
    case Cause::kTimedOut:
    case Cause::kTunnelLost:
    case Cause::kUnexpectedBytes:
      return FailureClass::kNetwork;
    case Cause::kTlsRefused:
      return FailureClass::kServerRefusal;
    default:
      break;
  }
  if (failure.stage < Stage::kHandshake) {
    // A code is that of an error which the server gave for its "no".
    const bool declined = failure.cause == Cause::kTlsNotOffered && failure.code.empty();
    return declined ? FailureClass::kTls : FailureClass::kBeforeTls;
  }
  if (failure.stage == Stage::kHandshake) return FailureClass::kTls;
  // Under TLS 1.3 the server's alert about a client certificate comes when the client has long finished.
  return failure.code.empty() || is_tls_alert(failure.code) ? FailureClass::kAfterTls
                                                            : FailureClass::kServerRefusal;
}

}  // namespace tlswarden::verdict

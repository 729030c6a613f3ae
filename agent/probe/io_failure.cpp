#include "probe/io_failure.hpp"

#include <string>

namespace tlswarden::probe {
namespace {

Cause cause_of(net::IoError::Kind kind) {
  using Kind = net::IoError::Kind;
  switch (kind) {
    case Kind::kTimedOut:
      return Cause::kTimedOut;
    case Kind::kNameNotFound:
      return Cause::kNameNotFound;
    case Kind::kResolverFailure:
      return Cause::kResolverFailure;
    case Kind::kConnectionRefused:
      return Cause::kConnectionRefused;
    case Kind::kConnectionReset:
      return Cause::kConnectionReset;
    case Kind::kNetworkUnreachable:
      return Cause::kNetworkUnreachable;
    case Kind::kPeerClosed:
      return Cause::kPeerClosed;
    case Kind::kTooMuchData:
      return Cause::kMessageTooLarge;
    case Kind::kTunnelLost:
      return Cause::kTunnelLost;
    case Kind::kCancelled:
      return Cause::kCancelled;
    case Kind::kOther:
      return Cause::kInternal;
  }
  return Cause::kInternal;
}

/// What was awaited when nothing came.
std::string_view awaited(Stage stage) {
  switch (stage) {
    case Stage::kResolve:
      return "The resolver did not answer for";
    case Stage::kTunnel:
      return "No SSH connection came about in time with";
    case Stage::kConnect:
      return "No connection came about in time with";
    case Stage::kNegotiate:
      return "No answer to the request for TLS came in time from";
    case Stage::kHandshake:
      return "The TLS handshake was not finished in time by";
    case Stage::kProtocolStep:
      return "No answer over TLS came in time from";
    case Stage::kPlaintext:
      return "No answer without TLS came in time from";
    case Stage::kSession:
      return "The login was not finished in time by";
  }
  return "No answer came in time from";
}

std::string message_for(const net::IoError& error, Stage stage, std::string_view peer) {
  using Kind = net::IoError::Kind;
  const std::string who(peer);
  switch (error.kind) {
    case Kind::kTimedOut: {
      std::string text = std::string(awaited(stage)) + " " + who;
      if (stage == Stage::kConnect) text += "; a firewall may be dropping the packets";
      return text + ".";
    }
    case Kind::kNameNotFound:
      return "The name " + who + " does not exist; check spec.host and the resolver's search domains.";
    case Kind::kResolverFailure:
      return "The resolver could not answer for " + who + ": " + error.message + ".";
    case Kind::kConnectionRefused:
      return "Nothing accepts connections at " + who +
             ": no server runs there, or it listens on another port or address.";
    case Kind::kConnectionReset:
      return "The connection was reset by " + who + ".";
    case Kind::kNetworkUnreachable:
      return "There is no route to " + who + ": " + error.message + ".";
    case Kind::kPeerClosed:
      return "The connection was closed by " + who + " where an answer was due.";
    case Kind::kTooMuchData:
      return "More data than this exchange allows came from " + who + ".";
    case Kind::kTunnelLost:
      return "The conversation with " + who + " broke off: " + error.message + ".";
    case Kind::kCancelled:
      return "The check was cancelled.";
    case Kind::kOther:
      return "Talking to " + who + " failed: " + error.message + ".";
  }
  return error.message;
}

}  // namespace

Failure failure_from(const net::IoError& error, Stage stage, std::string_view peer) {
  return Failure{stage, cause_of(error.kind), message_for(error, stage, peer), {}, {}};
}

}  // namespace tlswarden::probe

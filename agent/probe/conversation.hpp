#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "probe/failure.hpp"
#include "probe/observation.hpp"

/// Sans-I/O protocol code: a conversation is told what arrived and answers what to do next. It never touches
/// a socket, a clock or a thread; one shell (converse.hpp) does the I/O for all.
namespace tlswarden::probe {

/// Write `bytes`, then do as `next` says.
struct Send {
  enum class Next { kRead, kStartTls, kDone };
  base::Bytes bytes;
  Next next = Next::kRead;
};
/// Read more.
struct NeedMore {};
/// The peer is ready for ClientHello. Only from a negotiation.
struct StartTls {};
/// The peer answered properly that it will not: no TLS here, host blocked, no such rule. Not a protocol
/// violation.
struct Refused {
  Failure failure;
};
/// The peer broke the protocol, or ended it.
struct Fail {
  Failure failure;
};
struct Done {};

using Action = std::variant<Send, NeedMore, StartTls, Refused, Fail, Done>;

/// What a conversation learned so far. Each part is optional; the shell copies it into the Observation.
struct Findings {
  Offer tls_offer = Offer::kUnknown;
  std::string server_version, server_product;
  /// Only from a protocol step: what the server made of the client certificate.
  std::optional<ClientCertificateOutcome> client_certificate;
  /// Only from a plaintext attempt.
  Tristate plaintext_accepted = Tristate::kUnknown;
  std::optional<Failure> notice;
  /// The bytes of the server's greeting, verbatim, where a session must replay them (MySQL).
  base::Bytes greeting;
};

/// One exchange with the peer. The shell calls start() once, then receive() or peer_closed() until the action
/// is one that ends it (StartTls, Refused, Fail, Done, Send with kStartTls or kDone); nothing is called after
/// that. Implementations bound what they buffer (64 KiB unless the protocol needs less) and treat every byte
/// as hostile. Bytes that arrive behind the message after which TLS must start are an injection: Fail with
/// kUnexpectedBytes.
class Conversation {
 public:
  Conversation() = default;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  virtual ~Conversation() = default;

  virtual Action start() = 0;
  /// `bytes` are never empty; all of them are consumed.
  virtual Action receive(base::ByteView bytes) = 0;
  virtual Action peer_closed() = 0;
  /// The peer reset the connection. Nothing: the reset speaks for itself, and the shell reports it. An
  /// action, which must end the conversation, where the protocol gives a reset a meaning.
  virtual std::optional<Action> peer_reset() { return std::nullopt; }
  virtual const Findings& findings() const = 0;
};
using ConversationPtr = std::unique_ptr<Conversation>;

}  // namespace tlswarden::probe

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/deadline.hpp"
#include "net/awaitable.hpp"
#include "net/byte_stream.hpp"
#include "net/offload_pool.hpp"
#include "probe/conversation.hpp"
#include "probe/handshake_framing.hpp"
#include "probe/observation.hpp"
#include "probe/target.hpp"

/// What an engine provides. See drivers/README.md for how to write one.
namespace tlswarden::probe {

/// A connection on which a login may take place: it was judged, by its own certificate chain, to be at least
/// as strong as the declared mode (or the declared mode permits plaintext and `encrypted` is false).
struct SessionChannel {
  net::ByteStreamPtr stream;
  net::Address address;
  bool encrypted = false;
  /// Of the negotiation that brought it about. Where `encrypted` is false nothing was said on this connection
  /// yet, and there are none but tls_offer.
  Findings findings;
};

/// The prober's services for one login.
class SessionContext {
 public:
  SessionContext() = default;
  SessionContext(const SessionContext&) = delete;
  SessionContext& operator=(const SessionContext&) = delete;
  virtual ~SessionContext() = default;

  virtual const Target& target() const = 0;
  virtual base::Deadline deadline() const = 0;
  virtual net::OffloadPool& offload() = 0;
  virtual const base::Clock& clock() const = 0;
  virtual net::Executor executor() = 0;
  /// The address that the probe reached: what a library that connects by itself must use.
  virtual const net::Address& address() const = 0;
  /// Opens, negotiates, handshakes and verifies a new connection for this login. Never returns a channel
  /// weaker than the declared mode: kChannelTooWeak instead. With `allow_plaintext` false, TLS is insisted on
  /// even where the mode would permit none.
  virtual net::Awaitable<base::Result<SessionChannel, Failure>> open_channel(bool allow_plaintext) = 0;
  /// Leaves the TLS of `channel` and makes another handshake on its connection, which is verified like the
  /// first: for a server that hands the connection to another in the middle (Oracle). Fails with kUnsupported
  /// where the channel is not encrypted; after any failure the connection is gone.
  virtual net::Awaitable<base::Result<SessionChannel, Failure>> renew_channel(SessionChannel) {
    co_return tl::unexpected(Failure{Stage::kSession,
                                     Cause::kUnsupported,
                                     "The server wants a second TLS handshake where there was no first one.",
                                     {},
                                     {}});
  }
};

/// One engine's protocol. Stateless and immutable: one instance serves every endpoint and every thread.
class Driver {
 public:
  Driver() = default;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  virtual ~Driver() = default;

  /// The engines this driver speaks for: mysql and mariadb share one.
  virtual std::vector<resource::Engine> engines() const = 0;

  /// Which ways to bring TLS about, in the order to try for the declared style.
  virtual std::vector<resource::NegotiationStyle> styles(resource::NegotiationStyle declared) const = 0;
  /// ALPN protocol names to offer for a style; empty: none.
  virtual std::vector<std::string> alpn(resource::NegotiationStyle style) const = 0;
  /// The newest TLS version that a style can carry. Nothing: no limit of the protocol's.
  virtual std::optional<resource::TlsVersion> newest_tls(resource::NegotiationStyle /*style*/) const {
    return std::nullopt;
  }
  /// How a style packs the records of the handshake. Null: not at all.
  virtual HandshakeFramingPtr handshake_framing(resource::NegotiationStyle /*style*/) const {
    return nullptr;
  }
  /// The bytes from connect to ClientHello. Null: TLS starts at once.
  virtual ConversationPtr negotiate(const Target& target, resource::NegotiationStyle style) const = 0;
  /// The one step after the handshake that shows whether the client certificate was really accepted, and that
  /// ends the conversation as the server expects. Never sends a secret. `negotiated` is what negotiate()
  /// found.
  virtual ConversationPtr protocol_step(const Target& target, const Findings& negotiated,
                                        const TlsObservation& tls) const = 0;
  /// The attempt to get a session without TLS, up to where a secret would be sent; also ends politely.
  virtual ConversationPtr plaintext_attempt(const Target& target) const = 0;
  /// When TLS is not offered and no handshake follows, what to say before closing so that the server does not
  /// count an aborted connection. Null: nothing. Called with the findings of the negotiation.
  virtual ConversationPtr farewell(const Target& target, const Findings& negotiated) const = 0;
  /// Whether the server counts handshakes that fail, or that no login follows, and shuts the client's host
  /// out at some number of them. A login that succeeds sets the count back.
  virtual bool counts_failed_handshakes() const { return false; }
  /// A real login. Precondition: target().credentials is set. Credentials go only into a channel from
  /// open_channel(), or through a library that enforces the declared mode on its own connection.
  virtual net::Awaitable<SessionObservation> session(SessionContext& context) const = 0;
};

/// Finds the driver for an engine; null when this build has none.
class DriverRegistry {
 public:
  DriverRegistry() = default;
  DriverRegistry(const DriverRegistry&) = delete;
  DriverRegistry& operator=(const DriverRegistry&) = delete;
  virtual ~DriverRegistry() = default;
  virtual const Driver* find(resource::Engine engine) const = 0;
};

}  // namespace tlswarden::probe

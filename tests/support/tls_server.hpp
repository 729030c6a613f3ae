#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "pki/openssl.hpp"
#include "tests/support/mint.hpp"

/// A server for tests: listens on 127.0.0.1 at a port of the system's choice, with threads of its own, and
/// plays a script for every connection. Plain C sockets and blocking OpenSSL, so that it shares no code with
/// what it tests.
namespace tlswarden::test_support {

struct ServerTls {
  std::vector<Minted> chain;  ///< leaf first; presented as it stands
  int min_version = 0;        ///< TLS1_VERSION …; 0: whatever OpenSSL takes at security level 0
  int max_version = 0;
  enum class ClientAuth { kNone, kRequest, kRequire } client_auth = ClientAuth::kNone;
  std::vector<Minted> client_authorities;  ///< empty: any client certificate passes
  base::WallTime now{};                    ///< the date by which client certificates are judged
  std::vector<std::string> alpn;           ///< accepted, in order of preference; empty: not looked at
  std::string ciphers;                     ///< for TLS up to 1.2; empty: all
  std::string groups;                      ///< empty: OpenSSL's own
  base::Bytes staple{};                    ///< sent to clients that ask for an OCSP response; empty: none is
};

/// One accepted connection, as a script sees it. Every wait ends when the server is destroyed.
class ServerConnection {
 public:
  ServerConnection(int socket, SSL_CTX* context) : socket_(socket), context_(context) {}
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;
  ~ServerConnection();

  /// Whether the handshake finished. From then on everything goes through TLS.
  bool start_tls();
  void send(std::string_view bytes);
  /// Exactly `count` bytes, or fewer at the end of the stream.
  std::string receive(std::size_t count);
  /// Whatever comes next; empty at the end of the stream.
  std::string receive_some();
  /// Reads and forgets until the client closes.
  void drain();
  /// Ends what this side sends, in order, and then drains: closing over unread bytes would be a reset.
  void finish();
  /// Closes with a reset instead of an orderly end.
  void reset();
  /// Ends TLS with close_notify; without it the stream just breaks off.
  void close_notify();

  std::string server_name() const;  ///< SNI; empty: none was sent
  std::string alpn() const;
  bool has_client_certificate() const;

 private:
  int socket_;
  SSL_CTX* context_;
  pki::SslPtr ssl_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(ServerConnection&)>;

  explicit ScriptedServer(Script script, std::optional<ServerTls> tls = std::nullopt);
  /// One script per connection, in the order in which they are accepted; the last one is repeated.
  explicit ScriptedServer(std::vector<Script> scripts, std::optional<ServerTls> tls = std::nullopt);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const;
  std::size_t connections() const;  ///< accepted so far

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A port of 127.0.0.1 at which nothing listens for as long as this lives.
class ClosedPort {
 public:
  ClosedPort();
  ~ClosedPort();
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace tlswarden::test_support

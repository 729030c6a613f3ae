#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tlswarden::resource {

enum class Engine {
  kPostgresql,
  kRedshift,
  kCockroachdb,
  kMysql,
  kMariadb,
  kSqlserver,
  kMongodb,
  kRedis,
  kClickhouse,
  kCassandra,
  kOracle,
  kEtcd,
};

inline constexpr std::array kAllEngines{Engine::kPostgresql, Engine::kRedshift, Engine::kCockroachdb,
                                        Engine::kMysql,      Engine::kMariadb,  Engine::kSqlserver,
                                        Engine::kMongodb,    Engine::kRedis,    Engine::kClickhouse,
                                        Engine::kCassandra,  Engine::kOracle,   Engine::kEtcd};

/// The five modes, weakest first; the order is meaningful: a later mode promises everything an earlier one
/// does.
enum class TlsMode { kDisable, kPrefer, kRequire, kVerifyCa, kVerifyFull };
inline constexpr std::array kAllModes{TlsMode::kDisable, TlsMode::kPrefer, TlsMode::kRequire,
                                      TlsMode::kVerifyCa, TlsMode::kVerifyFull};

enum class NegotiationStyle { kAuto, kInBand, kDirect };
enum class TlsVersion { kTls10, kTls11, kTls12, kTls13 };

std::string_view to_string(Engine engine);           ///< as in spec.engine: "postgresql"
std::string_view to_string(TlsMode mode);            ///< as in spec.tls.mode: "verify-full"
std::string_view to_string(NegotiationStyle style);  ///< "auto", "in-band", "direct"
std::string_view to_string(TlsVersion version);      ///< "TLSv1.2"
std::optional<Engine> parse_engine(std::string_view name);
std::optional<TlsMode> parse_mode(std::string_view name);
std::optional<NegotiationStyle> parse_negotiation(std::string_view name);
std::optional<TlsVersion> parse_tls_version(std::string_view name);

/// What `prefer` does when TLS does not come about.
enum class PreferFallback {
  kNative,   ///< the client itself reconnects in plaintext after any TLS failure (libpq)
  kTwoPass,  ///< plaintext only after an error of the TLS class, never after authentication or network errors
  /// The client asks for TLS for the login alone, and only a server that insists gets more; plaintext where
  /// the server says that it has no TLS, never after a failed handshake (FreeTDS).
  kLoginOnly,
  kNone,  ///< no fallback: prefer is require
};

/// How the engine's own client compares the server's name with the certificate.
enum class NameRules {
  kLibpq,    ///< libpq: whole-label wildcards; the CN only where no SAN of the host's kind (DNS or IP) is
             ///< present
  kOpenssl,  ///< X509_check_host without flags, then X509_check_ip: CN where no DNS SAN, partial wildcards
  kStrict,   ///< RFC 6125 as Go, Python, Java and Node do it: SAN only, whole-label wildcards
};

/// The runbook of a replaced certificate, for some versions of a server. Sentences end with their full stop.
struct CertificateReload {
  std::string versions;   ///< a VersionConstraint; empty: any
  bool restart = false;   ///< it ends connections, or keeps new ones waiting
  std::string place;      ///< where certificate and key go
  std::string command;    ///< empty: none is needed; words in capitals are for the operator to replace
  std::string tool;       ///< what the command is typed into, and with which right; empty as `command` is
  std::string cost;       ///< what becomes of connections
  std::string client_ca;  ///< how another CA for client certificates is taken up
  std::string source;     ///< the address of the manual or of the change that says so
};

/// What is known of one engine: an entry of schema/engines.yaml. Plain data, immutable.
struct EngineFacts {
  Engine engine{};
  std::string title;       ///< for people: "PostgreSQL"
  std::uint16_t port = 0;  ///< default when spec.port is absent
  /// Where it usually listens, without TLS and with; the same ports where one speaks both.
  std::vector<std::uint16_t> plain_ports, tls_ports;
  std::string direct_since;  ///< first version with direct TLS beside in-band; empty: all that have it
  TlsMode default_mode{};    ///< default when spec.tls.mode is absent
  PreferFallback fallback{};
  bool in_band = false;  ///< can start TLS inside its own protocol
  bool direct = false;   ///< can start TLS with the first byte
  /// A port that does not know TLS first swallows a ClientHello without answering (Redis, SQL Server).
  bool silent_on_tls = false;
  bool version_needs_login = false;
  /// What an account demands of the transport (TLS, a client certificate) is decided only after its login,
  /// and a lack is answered like a wrong password (MySQL, MariaDB).
  bool account_decides = false;
  std::string client;  ///< the client that the mode ladder speaks of: "libpq (psql)"
  NameRules names{};
  bool prefer_verifies_with_ca = false;   ///< prefer refuses TLS on an untrusted chain once a CA is given
  bool require_verifies_with_ca = false;  ///< require verifies the chain once a CA is given
  bool client_checks_names =
      true;  ///< false: the engine's command-line client has no verify-full (redis-cli)
  /// How this client spells each mode, index = TlsMode: "sslmode=verify-full".
  std::array<std::string, 5> spelling;
  std::vector<CertificateReload> reloads;  ///< newest version first; never empty
  std::string enable;                      ///< how TLS is switched on at the server, one sentence
  std::string grant;  ///< what account suffices for a login check, one sentence with the statement
};

/// The runbooks that may apply: one where the server's version is known or does not matter, otherwise all of
/// the engine's, newest version first. `reported` is what the server calls itself; may be empty.
std::vector<const CertificateReload*> reloads_for(const EngineFacts& facts, std::string_view reported);

/// Facts of `engine`, from the embedded schema/engines.yaml. The reference lives as long as the program.
const EngineFacts& engine_facts(Engine engine);

}  // namespace tlswarden::resource

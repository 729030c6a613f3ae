#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "net/address.hpp"
#include "pki/certificate.hpp"
#include "probe/failure.hpp"
#include "resource/engine.hpp"

/// What was seen. Plain data: no handles, no pointers into the probe; copyable, safe to keep, compare and
/// replay.
namespace tlswarden::probe {

struct StageRecord {
  Stage stage{};
  std::chrono::nanoseconds took{};
  std::string detail;  ///< what a --debug reader wants: "connected to 10.0.0.7:5432"
};

enum class Offer { kUnknown, kOffered, kNotOffered };
enum class Tristate { kUnknown, kYes, kNo };

/// A finished TLS handshake (or as much of one as was reached before it failed: then `finished` is false and
/// `chain` may still be there).
struct TlsObservation {
  bool finished = false;
  resource::NegotiationStyle style{};  ///< how TLS was brought about: kInBand or kDirect
  std::optional<resource::TlsVersion> version;
  std::string cipher, group, alpn;
  pki::Chain chain;  ///< as served, in the server's order; leaf first
  /// The OCSP response that came with the certificate, as it came: at most 64 KiB. Empty: none came.
  base::Bytes staple;
  bool client_certificate_requested = false;
  bool client_certificate_presented = false;
};

/// What became of the client certificate question, after the protocol step that decides it.
enum class ClientCertificateOutcome {
  kNotRequested,
  kNotRequired,  ///< requested, none presented, and the server went on
  kAccepted,     ///< presented, and the server went on
  kRequired,     ///< none presented, and the server refused because of that
  kRejected,     ///< presented, and refused
  kUndetermined,
};

/// What the server does with a client that does not use TLS.
struct PlaintextObservation {
  Tristate accepted = Tristate::kUnknown;
  std::optional<Failure> failure;  ///< why not, or why it could not be told
  base::WallTime at{};             ///< may be older than the observation: attempted only when due
  bool for_declared_user = false;  ///< the answer is about spec.auth.username, not about a made-up user
};

/// Which protocol versions below the declared floor the server accepts.
struct LegacyProtocolObservation {
  base::WallTime at{};                         ///< may be older than the observation: offered only when due
  std::vector<resource::TlsVersion> accepted;  ///< newest first
};

/// What a real login told.
struct SessionObservation {
  bool logged_in = false;
  std::optional<Failure> failure;
  /// Whether the server let the account in over TLS, and without it, where that was tried; kNo is its denial.
  Tristate admitted_over_tls = Tristate::kUnknown;
  Tristate admitted_in_plaintext = Tristate::kUnknown;
  std::string server_version;               ///< as the server reports it
  Tristate encrypted = Tristate::kUnknown;  ///< the server's own word
  std::string protocol, cipher;             ///< the server's own word: "TLSv1.3"
  /// The server's own policy for this account, where it can be read: may it come without TLS?
  Tristate plaintext_allowed = Tristate::kUnknown;
};

struct Observation {
  base::WallTime at{};
  std::vector<net::Address> addresses;  ///< everything the name resolved to; the name itself behind a bastion
  std::optional<net::Address> address;  ///< the one that was checked
  std::vector<StageRecord> stages;
  std::vector<std::string> transcript;  ///< only when asked for

  Offer tls_offer = Offer::kUnknown;
  std::optional<TlsObservation> tls;
  ClientCertificateOutcome client_certificate = ClientCertificateOutcome::kUndetermined;
  /// Why the TLS attempt did not reach its end; unset when resolve, connect, negotiate, handshake and
  /// protocol step all succeeded.
  std::optional<Failure> failure;
  /// An error the server answered in the protocol step that does not speak against TLS itself (unknown user,
  /// …).
  std::optional<Failure> notice;
  std::string server_version;  ///< without login (greeting, HELLO); empty if not told
  std::string server_product;  ///< "MariaDB", "Valkey"; empty if not told
  std::optional<PlaintextObservation> plaintext;
  std::optional<LegacyProtocolObservation> legacy_protocols;  ///< unset: not looked at, or not told
  std::optional<SessionObservation> session;

  /// Of a member that a seed list named: its own host name, which its certificate has to be for. Empty where
  /// the endpoint's host was checked.
  std::string member_host;
  /// The other members behind the same name, each looked at without a login; this observation is of the
  /// first.
  std::vector<Observation> members;
};

}  // namespace tlswarden::probe

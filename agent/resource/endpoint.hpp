#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "resource/engine.hpp"
#include "resource/reference.hpp"
#include "resource/status.hpp"

namespace tlswarden::resource {

inline constexpr const char* kApiVersion = "tlswarden.dev/v1alpha1";
inline constexpr const char* kKind = "DatabaseEndpoint";

struct Metadata {
  std::string name;
  std::string ns = "default";  ///< metadata.namespace
  std::string uid;
  std::int64_t generation = 1;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
};

enum class AddressSelection { kFirst, kAll };

/// A duration, or a share of the certificate's lifetime: exactly one is set.
struct Threshold {
  std::optional<base::Seconds> span;
  std::optional<int> percent;
};

struct TlsSpec {
  TlsMode mode = TlsMode::kDisable;
  NegotiationStyle negotiation = NegotiationStyle::kAuto;
  TlsVersion min_version = TlsVersion::kTls12;
  std::optional<std::string> server_name;
  std::optional<Reference> ca, next_ca, client_certificate, client_key, client_key_passphrase;
};

struct AuthSpec {
  std::optional<Reference> username, password;
  std::optional<std::string> database;
};

struct MaintenanceWindow {
  std::vector<std::string> days;  ///< Mon … Sun; empty: every day
  std::string start;              ///< HH:MM in `time_zone`
  base::Seconds duration{};
  std::string time_zone = "UTC";  ///< IANA name
};

struct RotationSpec {
  std::optional<Threshold> warn_before, critical_before;
  base::Seconds lead_time{86400};
  base::Seconds reload_grace{3600};  ///< for the server to serve a new servedCertificate
  std::vector<MaintenanceWindow> maintenance_windows;
};

struct SshTunnelSpec {
  std::string host;
  std::uint16_t port = 22;
  std::string user;
  std::optional<Reference> key, key_passphrase, known_hosts;
};

/// A look at the server that is taken less often than the check itself.
struct SlowCheckSpec {
  bool enabled = true;
  base::Seconds interval{86400};
};

/// spec, with every default applied. Plain values without invariants of their own: schema validation vouches
/// for them.
struct EndpointSpec {
  Engine engine{};
  std::string host;
  bool srv = false;
  std::uint16_t port = 0;
  std::optional<std::string> provider;
  AddressSelection addresses = AddressSelection::kFirst;
  TlsSpec tls;
  std::optional<AuthSpec> auth;
  std::optional<std::string> expected_server_version;
  std::optional<Reference> served_certificate;
  RotationSpec rotation;
  std::optional<SshTunnelSpec> ssh_tunnel;
  base::Seconds check_interval{300};
  base::Seconds timeout{10};
  int failure_threshold = 2;
  SlowCheckSpec plaintext_check;        ///< are sessions without TLS still accepted?
  SlowCheckSpec legacy_protocol_check;  ///< are protocol versions below tls.minVersion still accepted?
  bool suspend = false;

  /// The name sent as SNI (unless an IP) and matched against the certificate.
  const std::string& verified_name() const { return tls.server_name ? *tls.server_name : host; }
};

struct DatabaseEndpoint {
  Metadata metadata;
  EndpointSpec spec;
  EndpointStatus status;

  /// "namespace/name": identity within one store.
  std::string key() const { return metadata.ns + "/" + metadata.name; }
};

}  // namespace tlswarden::resource

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "resource/endpoint.hpp"
#include "resource/engine.hpp"

/// What is known of the hosted services that run databases: schema/providers.yaml, embedded.
namespace tlswarden::resource {

/// What a client has to trust to verify the service's certificates.
enum class ProviderTrust {
  kSystem,  ///< the system's trust store holds it
  kBundle,  ///< a file of the service's own
  kNone,    ///< there is nothing that would verify
};

/// Whether an instance restarts, which drops its connections, for a new server certificate.
enum class RestartImpact { kNever, kPossible, kAlways };

/// The operator's part in a new server certificate.
struct ServiceRotation {
  RestartImpact restart{};
  std::string tool;     ///< where the command is given; empty as `command` is
  std::string command;  ///< or the way through a console's menus; empty: the service does it all
};

/// One service. Plain data, immutable. Every sentence is for people and ends with its full stop.
struct ProviderFacts {
  std::string id;               ///< as in spec.provider: "aws-rds"
  std::string title;            ///< "Amazon RDS"
  std::vector<Engine> engines;  ///< what it runs
  /// Patterns of its endpoints' names, in which "*" is any run of characters. None where only the declaration
  /// can tell.
  std::vector<std::string> hosts;
  bool requires_tls = false;  ///< plaintext is always refused
  ProviderTrust trust{};
  std::string ca_file;      ///< kBundle: what the file is called
  std::string ca_download;  ///< kBundle: the command or the place to get it
  std::string life;         ///< how long certificates live and who renews them
  ServiceRotation rotation;
  std::string change;  ///< what switching TLS on or off, or another certificate, costs
  std::string names;   ///< which names the certificate carries
  std::string source;  ///< the service's own documentation
};

/// All of them, in the order of the file. Lives as long as the program.
const std::vector<ProviderFacts>& all_providers();
/// Null when there is no such service.
const ProviderFacts* find_provider(std::string_view id);
/// The first that runs `engine` and has a pattern matching `host` (ASCII case ignored); null when none has.
const ProviderFacts* infer_provider(Engine engine, std::string_view host);
/// spec.provider if it names a known service, else what the host tells; null when neither does.
const ProviderFacts* provider_of(const EndpointSpec& spec);
/// The strongest mode that the service's certificates allow.
TlsMode advised_mode(const ProviderFacts& service);

}  // namespace tlswarden::resource

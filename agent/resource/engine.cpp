#include "resource/engine.hpp"

#include <cstdlib>
#include <utility>

#include "base/log.hpp"
#include "resource/engine_catalogue.hpp"
#include "resource/version_constraint.hpp"
#include "schema/embedded.hpp"

namespace tlswarden::resource {
namespace {

constexpr std::array<std::pair<Engine, std::string_view>, 12> kEngineNames{
    {{Engine::kPostgresql, "postgresql"},
     {Engine::kRedshift, "redshift"},
     {Engine::kCockroachdb, "cockroachdb"},
     {Engine::kMysql, "mysql"},
     {Engine::kMariadb, "mariadb"},
     {Engine::kSqlserver, "sqlserver"},
     {Engine::kMongodb, "mongodb"},
     {Engine::kRedis, "redis"},
     {Engine::kClickhouse, "clickhouse"},
     {Engine::kCassandra, "cassandra"},
     {Engine::kOracle, "oracle"},
     {Engine::kEtcd, "etcd"}}};

constexpr std::array<std::pair<TlsMode, std::string_view>, 5> kModeNames{
    {{TlsMode::kDisable, "disable"},
     {TlsMode::kPrefer, "prefer"},
     {TlsMode::kRequire, "require"},
     {TlsMode::kVerifyCa, "verify-ca"},
     {TlsMode::kVerifyFull, "verify-full"}}};

constexpr std::array<std::pair<NegotiationStyle, std::string_view>, 3> kStyleNames{
    {{NegotiationStyle::kAuto, "auto"},
     {NegotiationStyle::kInBand, "in-band"},
     {NegotiationStyle::kDirect, "direct"}}};

constexpr std::array<std::pair<TlsVersion, std::string_view>, 4> kVersionNames{
    {{TlsVersion::kTls10, "TLSv1.0"},
     {TlsVersion::kTls11, "TLSv1.1"},
     {TlsVersion::kTls12, "TLSv1.2"},
     {TlsVersion::kTls13, "TLSv1.3"}}};

template <class Names, class Value>
std::string_view name_of(const Names& names, Value value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "unknown";
}

template <class Value, std::size_t Size>
std::optional<Value> value_of(const std::array<std::pair<Value, std::string_view>, Size>& names,
                              std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

std::vector<EngineFacts> embedded_catalogue() {
  auto catalogue = parse_engine_catalogue(schema::engines());
  if (!catalogue) {
    // The file is part of the program and a test vouches for it: a build that gets here must not run.
    spdlog::critical("schema/engines.yaml: {}", catalogue.error().message);
    std::abort();
  }
  return std::move(*catalogue);
}

}  // namespace

std::string_view to_string(Engine engine) {
  return name_of(kEngineNames, engine);
}
std::string_view to_string(TlsMode mode) {
  return name_of(kModeNames, mode);
}
std::string_view to_string(NegotiationStyle style) {
  return name_of(kStyleNames, style);
}
std::string_view to_string(TlsVersion version) {
  return name_of(kVersionNames, version);
}
std::optional<Engine> parse_engine(std::string_view name) {
  return value_of(kEngineNames, name);
}
std::optional<TlsMode> parse_mode(std::string_view name) {
  return value_of(kModeNames, name);
}
std::optional<NegotiationStyle> parse_negotiation(std::string_view name) {
  return value_of(kStyleNames, name);
}
std::optional<TlsVersion> parse_tls_version(std::string_view name) {
  return value_of(kVersionNames, name);
}

std::vector<const CertificateReload*> reloads_for(const EngineFacts& facts, std::string_view reported) {
  const auto version = parse_server_version(facts.engine, reported);
  std::vector<const CertificateReload*> all;
  for (const CertificateReload& reload : facts.reloads) {
    const auto versions = VersionConstraint::parse(reload.versions);
    if (reload.versions.empty() || (version && versions && versions->matches(*version))) return {&reload};
    all.push_back(&reload);
  }
  return all;
}

const EngineFacts& engine_facts(Engine engine) {
  static const std::vector<EngineFacts> catalogue = embedded_catalogue();
  return catalogue.at(static_cast<std::size_t>(engine));
}

}  // namespace tlswarden::resource

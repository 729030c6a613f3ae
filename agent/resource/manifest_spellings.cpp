#include "resource/manifest_spellings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::resource {
namespace {

using Spelling = std::pair<std::string_view, std::string_view>;

/// Lower case without blanks and separators: "Verify Identity", VERIFY_IDENTITY and VerifyIdentity are one
/// word.
std::string folded(std::string_view text) {
  std::string plain = base::lower_ascii(text.substr(0, 64));
  std::erase_if(plain, [](char c) { return c == '-' || c == '_' || c == ' ' || c == '.'; });
  return plain;
}

template <std::size_t N>
std::optional<std::string> look_up(const std::array<Spelling, N>& spellings, std::string_view given) {
  const std::string word = folded(given);
  const auto found =
      std::find_if(spellings.begin(), spellings.end(), [&](const Spelling& s) { return s.first == word; });
  if (found == spellings.end()) return std::nullopt;
  return std::string(found->second);
}

constexpr auto kEngines = std::to_array<Spelling>({
    {"postgres", "postgresql"},
    {"pg", "postgresql"},
    {"pgsql", "postgresql"},
    {"psql", "postgresql"},
    {"postgre", "postgresql"},
    {"postgresql", "postgresql"},
    {"timescaledb", "postgresql"},
    {"timescale", "postgresql"},
    {"aurorapostgresql", "postgresql"},
    {"crdb", "cockroachdb"},
    {"cockroach", "cockroachdb"},
    {"cockroachdb", "cockroachdb"},
    {"amazonredshift", "redshift"},
    {"redshift", "redshift"},
    {"mysql", "mysql"},
    {"mysqls", "mysql"},
    {"percona", "mysql"},
    {"auroramysql", "mysql"},
    {"maria", "mariadb"},
    {"mariadb", "mariadb"},
    {"mssql", "sqlserver"},
    {"sqlserver", "sqlserver"},
    {"azuresql", "sqlserver"},
    {"tds", "sqlserver"},
    {"mongo", "mongodb"},
    {"mongodb", "mongodb"},
    {"mongodb+srv", "mongodb"},
    {"documentdb", "mongodb"},
    {"redis", "redis"},
    {"rediss", "redis"},
    {"valkey", "redis"},
    {"valkeys", "redis"},
    {"keydb", "redis"},
    {"click", "clickhouse"},
    {"ch", "clickhouse"},
    {"clickhouse", "clickhouse"},
    {"cql", "cassandra"},
    {"scylla", "cassandra"},
    {"scylladb", "cassandra"},
    {"cassandra", "cassandra"},
    {"oracledb", "oracle"},
    {"ora", "oracle"},
    {"oracle", "oracle"},
    {"etcd3", "etcd"},
    {"etcdv3", "etcd"},
    {"etcd", "etcd"},
});

constexpr auto kModes = std::to_array<Spelling>({
    {"disable", "disable"},
    {"disabled", "disable"},
    {"disabletls", "disable"},
    {"off", "disable"},
    {"no", "disable"},
    {"none", "disable"},
    {"false", "disable"},
    {"plaintext", "disable"},
    {"allow", "prefer"},
    {"allowtls", "prefer"},
    {"prefer", "prefer"},
    {"preferred", "prefer"},
    {"prefertls", "prefer"},
    {"preferssl", "prefer"},
    {"opportunistic", "prefer"},
    {"require", "require"},
    {"required", "require"},
    {"requiretls", "require"},
    {"requiressl", "require"},
    {"mandatory", "require"},
    {"enable", "require"},
    {"enabled", "require"},
    {"on", "require"},
    {"yes", "require"},
    {"true", "require"},
    {"skipverify", "require"},
    {"trustservercertificate", "require"},
    {"verifyca", "verify-ca"},
    {"verifycert", "verify-ca"},
    {"verifycertificate", "verify-ca"},
    {"verifyfull", "verify-full"},
    {"verifyidentity", "verify-full"},
    {"verifyhostname", "verify-full"},
    {"verifyhost", "verify-full"},
    {"verify", "verify-full"},
    {"full", "verify-full"},
    {"strict", "verify-full"},
});

constexpr auto kVersions = std::to_array<Spelling>({
    {"10", "TLSv1.0"},
    {"1", "TLSv1.0"},
    {"tls10", "TLSv1.0"},
    {"tlsv10", "TLSv1.0"},
    {"tlsv1", "TLSv1.0"},
    {"tls1", "TLSv1.0"},
    {"11", "TLSv1.1"},
    {"tls11", "TLSv1.1"},
    {"tlsv11", "TLSv1.1"},
    {"12", "TLSv1.2"},
    {"tls12", "TLSv1.2"},
    {"tlsv12", "TLSv1.2"},
    {"13", "TLSv1.3"},
    {"tls13", "TLSv1.3"},
    {"tlsv13", "TLSv1.3"},
});

constexpr auto kNegotiations = std::to_array<Spelling>({
    {"inband", "in-band"},
    {"starttls", "in-band"},
    {"postgres", "in-band"},  // libpq: sslnegotiation=postgres
    {"explicit", "in-band"},
    {"direct", "direct"},
    {"implicit", "direct"},
    {"strict", "direct"},  // TDS 8.0
    {"tlsfirst", "direct"},
    {"auto", "auto"},
    {"automatic", "auto"},
    {"any", "auto"},
});

constexpr auto kDays = std::to_array<Spelling>({
    {"mon", "Mon"},
    {"monday", "Mon"},
    {"tue", "Tue"},
    {"tues", "Tue"},
    {"tuesday", "Tue"},
    {"wed", "Wed"},
    {"wednesday", "Wed"},
    {"thu", "Thu"},
    {"thur", "Thu"},
    {"thurs", "Thu"},
    {"thursday", "Thu"},
    {"fri", "Fri"},
    {"friday", "Fri"},
    {"sat", "Sat"},
    {"saturday", "Sat"},
    {"sun", "Sun"},
    {"sunday", "Sun"},
});

}  // namespace

std::optional<std::string> meant_engine(std::string_view given) {
  return look_up(kEngines, given);
}
std::optional<std::string> meant_mode(std::string_view given) {
  return look_up(kModes, given);
}
std::optional<std::string> meant_version(std::string_view given) {
  return look_up(kVersions, given);
}
std::optional<std::string> meant_negotiation(std::string_view given) {
  return look_up(kNegotiations, given);
}
std::optional<std::string> meant_day(std::string_view given) {
  return look_up(kDays, given);
}

std::optional<std::string> refused_engine(std::string_view given) {
  const std::string word = folded(given);
  if (word == "sqlite" || word == "sqlite3")
    return "sqlite has no network protocol, so it has no TLS to watch";
  if (word == "duckdb") return "duckdb has no network protocol, so it has no TLS to watch";
  return std::nullopt;
}

}  // namespace tlswarden::resource

#include "drivers/postgresql/login.hpp"

#include <string>
#include <string_view>

#include "base/text.hpp"
#include "drivers/postgresql/libpq_connection.hpp"
#include "drivers/postgresql/startup.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Tristate;
using resource::Engine;

constexpr const char* kVersionQuery = "SELECT version()";
constexpr const char* kSessionQuery =
    "SELECT ssl, version, cipher FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()";
// Process numbers come again, so an old line of another session must not speak for this one.
constexpr const char* kRedshiftQuery =
    "SELECT ssl_version, ssl_cipher FROM sys_connection_log WHERE session_id = pg_backend_pid() AND event = "
    "'authenticated' AND record_time > dateadd(minute, -5, sysdate) ORDER BY record_time DESC LIMIT 1";
constexpr std::size_t kMaxWord = 128;
// Redshift names the compiler and its release before its own version.
constexpr std::size_t kMaxVersion = 256;

bool has_row(const ResultPtr& result, int fields) {
  return result && PQresultStatus(result.get()) == PGRES_TUPLES_OK && PQntuples(result.get()) == 1 &&
         PQnfields(result.get()) == fields;
}

/// Without the blanks that pad a value of the type character.
std::string word(const ResultPtr& result, int field) {
  return base::printable(base::trimmed(PQgetvalue(result.get(), 0, field)), kMaxWord);
}

std::string version(LibpqConnection& connection, Engine engine) {
  for (const char* name : {"crdb_version", "server_version"}) {
    if (name == std::string_view("server_version") && !server_version_is_its_own(engine)) continue;
    const auto value = connection.parameter(name);
    if (!value.empty()) return base::printable(value, kMaxWord);
  }
  const auto result = connection.query(kVersionQuery);
  return has_row(result, 1) ? base::printable(PQgetvalue(result.get(), 0, 0), kMaxVersion) : std::string();
}

probe::Failure untold(const ResultPtr& result, const std::string& view) {
  probe::Failure failure{
      .stage = probe::Stage::kSession,
      .cause = probe::Cause::kServerError,
      .message = "The server did not tell from " + view + " whether the session is encrypted.",
      .peer_text = {},
      .code = {}};
  if (result) failure.peer_text = std::string(PQresultErrorMessage(result.get())).substr(0, 2048);
  return failure;
}

void ask_postgresql(LibpqConnection& connection, probe::SessionObservation& seen) {
  const auto result = connection.query(kSessionQuery);
  if (!has_row(result, 3)) {
    seen.failure = untold(result, "pg_stat_ssl");
    return;
  }
  const std::string_view ssl = PQgetvalue(result.get(), 0, 0);
  if (ssl == "t") seen.encrypted = Tristate::kYes;
  if (ssl == "f") seen.encrypted = Tristate::kNo;
  seen.protocol = word(result, 1);
  seen.cipher = word(result, 2);
}

/// An account that may not read the log, or a cluster that is older than it.
bool not_for_us(const ResultPtr& result) {
  const char* code = result ? PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) : nullptr;
  return code != nullptr && (code == std::string_view("42501") || code == std::string_view("42P01"));
}

void ask_redshift(LibpqConnection& connection, probe::SessionObservation& seen) {
  const auto result = connection.query(kRedshiftQuery);
  if (not_for_us(result)) return;
  if (!result || PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
    seen.failure = untold(result, "SYS_CONNECTION_LOG");
    return;
  }
  if (!has_row(result, 2)) return;
  seen.protocol = word(result, 0);
  seen.cipher = word(result, 1);
  seen.encrypted = seen.protocol.empty() ? Tristate::kNo : Tristate::kYes;
}

void ask_encryption(LibpqConnection& connection, Engine engine, probe::SessionObservation& seen) {
  if (engine == Engine::kRedshift) {
    ask_redshift(connection, seen);
  } else if (engine != Engine::kCockroachdb) {
    ask_postgresql(connection, seen);
  }
}

}  // namespace

probe::SessionObservation log_in(const ConnectionSettings& settings, Engine engine, const Identity& identity,
                                 base::Deadline deadline, const base::Clock& clock) {
  probe::SessionObservation seen;
  LibpqConnection connection(deadline, clock);
  seen.failure = connection.connect(settings.connection_string(), identity);
  if (seen.failure) return seen;
  seen.logged_in = true;
  seen.server_version = version(connection, engine);
  ask_encryption(connection, engine, seen);
  return seen;
}

}  // namespace tlswarden::drivers::postgresql

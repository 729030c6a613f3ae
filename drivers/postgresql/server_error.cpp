#include "drivers/postgresql/server_error.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Cause;

bool contains_any(std::string_view text, std::initializer_list<std::string_view> needles) {
  return std::any_of(needles.begin(), needles.end(),
                     [&](std::string_view needle) { return text.find(needle) != std::string_view::npos; });
}

/// PostgreSQL before 12 says "SSL off" and "SSL on"; the others are CockroachDB, PgBouncer, Azure and Neon.
bool demands_tls(std::string_view text) {
  return contains_any(text, {", no encryption", "ssl off", "ssl connection required",
                             "ssl connection is required", "ssl required", "ssl is required",
                             "cleartext connections are not permitted", "connection is insecure"});
}

bool refuses_under_tls(std::string_view text) {
  return contains_any(text, {", ssl encryption", "ssl on"});
}

Cause classify_28000(std::string_view text, const Identity& identity) {
  // PostgreSQL; CockroachDB, where a rule demands cert.
  if (contains_any(text, {"requires a valid client certificate", "no tls peer certificate"}))
    return Cause::kClientCertificateRequired;
  if (demands_tls(text)) return Cause::kTlsRequired;
  if (refuses_under_tls(text)) return identity.declared ? Cause::kTlsRefused : Cause::kAccessRefused;
  if (contains_any(text, {"authentication failed", "does not exist"})) return Cause::kAuthenticationFailed;
  return Cause::kAccessRefused;
}

struct CodeRow {
  std::string_view sqlstate;
  Cause cause;
};
constexpr std::array kCodes{
    CodeRow{"28P01", Cause::kAuthenticationFailed}, CodeRow{"3D000", Cause::kDatabaseNotFound},
    CodeRow{"53300", Cause::kServerBusy},      // too_many_connections
    CodeRow{"53400", Cause::kServerBusy},      // configuration_limit_exceeded
    CodeRow{"57P01", Cause::kServerStarting},  // admin_shutdown
    CodeRow{"57P02", Cause::kServerStarting},  // crash_shutdown
    CodeRow{"57P03", Cause::kServerStarting},  // cannot_connect_now
    CodeRow{"42501", Cause::kAccessRefused},   // insufficient_privilege: no CONNECT on the database
    CodeRow{"55000", Cause::kAccessRefused},   // the database does not accept connections
};

/// A declared user name may come from a Secret, so it is not repeated.
std::string place(const Identity& identity) {
  if (!identity.declared) return "the made-up user " + identity.user + " (spec.auth declares none)";
  if (identity.database.empty()) return "the declared user";
  return "the declared user and database " + base::printable(identity.database, 64);
}

std::string sentence(Cause cause, const Identity& identity) {
  switch (cause) {
    case Cause::kAuthenticationFailed:
      return "The server refused the login of " + place(identity) +
             "; check the user and password of spec.auth.";
    case Cause::kClientCertificateRequired:
      return "The server demands a client certificate that it trusts for " + place(identity) +
             "; declare spec.tls.clientCertificate and spec.tls.clientKey.";
    case Cause::kTlsRequired:
      return "The server requires an encrypted connection for " + place(identity) + ".";
    case Cause::kTlsRefused:
      return "No pg_hba.conf rule admits a session over TLS for " + place(identity) +
             "; add a hostssl rule, or look for a hostnossl one.";
    case Cause::kAccessRefused:
      return "No rule of the server admits " + place(identity) + " from this address; check pg_hba.conf.";
    case Cause::kDatabaseNotFound:
      return "The server has no such database for " + place(identity) + "; check spec.auth.database.";
    case Cause::kServerBusy:
      return "The server has no connection slot left; raise max_connections or free connections.";
    case Cause::kServerStarting:
      return "The server is starting up or shutting down; it will be checked again.";
    default:
      return "The server answered the start of a session with an error.";
  }
}

}  // namespace

Cause classify(const ServerError& error, const Identity& identity) {
  const auto text = base::lower_ascii(error.message);
  if (error.sqlstate == "28000") return classify_28000(text, identity);
  for (const auto& row : kCodes) {
    if (row.sqlstate == error.sqlstate) return row.cause;
  }
  return demands_tls(text) ? Cause::kTlsRequired : Cause::kServerError;
}

probe::Failure to_failure(const ServerError& error, probe::Stage stage, const Identity& identity) {
  const auto cause = classify(error, identity);
  return {.stage = stage,
          .cause = cause,
          .message = sentence(cause, identity),
          .peer_text = error.message,
          .code = error.sqlstate};
}

}  // namespace tlswarden::drivers::postgresql

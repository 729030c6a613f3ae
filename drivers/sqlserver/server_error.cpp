#include "drivers/sqlserver/server_error.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "drivers/sqlserver/unicode.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

using probe::Cause;

constexpr std::uint8_t kErrorToken = 0xaa;
constexpr std::size_t kTextAt = 11;  ///< behind token, length, number, state, class and the text's length
constexpr std::size_t kMaxPeerText = 2048;

struct KnownError {
  std::int32_t number;
  Cause cause;
  std::string_view message;
};

constexpr std::string_view kDenied =
    "The server denies access to this login; check the user name and the password.";
constexpr std::string_view kUnavailable =
    "The server takes no logins at the moment; try again once it is up.";
constexpr std::string_view kExhausted =
    "The server has no connection or worker left; raise its limit or find who holds them.";

// Numbers: SQL Server "Database Engine events and errors"; those from 40000 on and 10928: Azure SQL
// "Troubleshooting connectivity issues". Babelfish uses the same for what it shares with them.
constexpr std::array kKnownErrors{
    KnownError{911, Cause::kDatabaseNotFound, "The declared database does not exist; correct its name."},
    KnownError{916, Cause::kAccessRefused,
               "The login may not use the declared database; create a user for it there."},
    KnownError{4060, Cause::kDatabaseNotFound,
               "The declared database does not exist or is closed to this login; correct its name or create "
               "a user for the login there."},
    KnownError{4064, Cause::kDatabaseNotFound,
               "The login's default database cannot be opened; declare spec.auth.database."},
    KnownError{6005, Cause::kServerStarting, kUnavailable},
    KnownError{10928, Cause::kServerBusy, kExhausted},
    KnownError{10929, Cause::kServerBusy, kExhausted},
    KnownError{17142, Cause::kServerStarting, kUnavailable},
    KnownError{17809, Cause::kServerBusy, kExhausted},
    KnownError{17810, Cause::kServerBusy, kExhausted},
    KnownError{18401, Cause::kServerStarting, kUnavailable},
    KnownError{18451, Cause::kServerStarting, kUnavailable},
    KnownError{18452, Cause::kAuthenticationFailed,
               "The server takes Windows logins only; switch it to mixed authentication or give the check a "
               "login that it knows."},
    KnownError{18456, Cause::kAuthenticationFailed, kDenied},
    KnownError{18461, Cause::kServerBusy, kExhausted},
    KnownError{18470, Cause::kAuthenticationFailed, "The login is disabled; enable it with ALTER LOGIN."},
    KnownError{18486, Cause::kAuthenticationFailed, "The login is locked out; unlock it with ALTER LOGIN."},
    KnownError{18487, Cause::kAuthenticationFailed, "The login's password has expired; set a new one."},
    KnownError{18488, Cause::kAuthenticationFailed,
               "The login's password must be changed before its first use; set one without MUST_CHANGE."},
    KnownError{40532, Cause::kAccessRefused,
               "No server of that name takes this login; check the user name, which Azure may want with "
               "@SERVER, and the database."},
    KnownError{40613, Cause::kServerStarting, kUnavailable},
    KnownError{40615, Cause::kHostNotAllowed,
               "The firewall of Azure SQL admits no connection from this address; add a rule for it."},
};

std::size_t u16(base::ByteView bytes, std::size_t at) {
  return bytes[at] | std::size_t{bytes[at + 1]} << 8U;
}

}  // namespace

std::optional<ServerError> parse_error(base::ByteView reply) {
  if (reply.size() < kTextAt || reply[0] != kErrorToken) return std::nullopt;
  const std::size_t text_size = 2 * u16(reply, kTextAt - 2);
  if (text_size > reply.size() - kTextAt) return std::nullopt;
  ServerError error;
  error.number = static_cast<std::int32_t>(u16(reply, 3) | u16(reply, 5) << 16U);
  error.text = from_utf16(reply.subspan(kTextAt, text_size));
  error.text.resize(std::min(error.text.size(), kMaxPeerText));
  return error;
}

probe::Failure describe_error(probe::Stage stage, const ServerError& error) {
  const auto* const known =
      std::find_if(kKnownErrors.begin(), kKnownErrors.end(),
                   [&error](const KnownError& each) { return each.number == error.number; });
  const bool is_known = known != kKnownErrors.end();
  const std::string_view message =
      is_known ? known->message
               : "The server answered with an error of its own; its words say what it minds.";
  return {.stage = stage,
          .cause = is_known ? known->cause : Cause::kServerError,
          .message = std::string(message),
          .peer_text = error.text,
          .code = std::to_string(error.number)};
}

}  // namespace tlswarden::drivers::sqlserver

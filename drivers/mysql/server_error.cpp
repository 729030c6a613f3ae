#include "drivers/mysql/server_error.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "drivers/mysql/packet.hpp"

namespace tlswarden::drivers::mysql {
namespace {

constexpr std::size_t kMaxPeerText = 2048;
constexpr std::size_t kSqlStateSize = 6;  // '#' and five characters

struct KnownError {
  std::uint16_t code;
  probe::Cause cause;
  std::string_view message;
};

// Numbers: MySQL 8.4 Server Error Message Reference; MariaDB Error Code Reference.
constexpr std::array kKnownErrors{
    KnownError{1040, probe::Cause::kServerBusy,
               "The server has no connection left; close idle ones or raise max_connections."},
    KnownError{1043, probe::Cause::kMalformedMessage, "The server could not read our handshake."},
    KnownError{1044, probe::Cause::kAccessRefused,
               "The account may not use the declared database; grant it access."},
    KnownError{1045, probe::Cause::kAuthenticationFailed,
               "The server denies access to this account; check the user name and the password."},
    KnownError{1049, probe::Cause::kDatabaseNotFound,
               "The declared database does not exist; correct its name."},
    KnownError{1053, probe::Cause::kServerStarting,
               "The server is shutting down; try again once it is back."},
    KnownError{
        1129, probe::Cause::kHostBlocked,
        "The server has blocked this host after too many broken-off connections; an administrator must run "
        "FLUSH HOSTS (mysqladmin flush-hosts) and find out who breaks them off."},
    KnownError{1130, probe::Cause::kHostNotAllowed,
               "No account on the server may connect from this host; create one whose host part matches it."},
    KnownError{1203, probe::Cause::kServerBusy,
               "The account has too many connections open; raise max_user_connections or close some."},
    KnownError{1226, probe::Cause::kServerBusy,
               "The account has used up its hourly share of the server; raise its resource limit."},
    KnownError{1251, probe::Cause::kUnsupported,
               "The account logs in with a method that the client library lacks; give it another plugin."},
    KnownError{1698, probe::Cause::kAuthenticationFailed,
               "The account does not log in with a password; use one that does."},
    KnownError{1820, probe::Cause::kAccessRefused, "The account's password has expired; set a new one."},
    KnownError{1862, probe::Cause::kAccessRefused, "The account's password has expired; set a new one."},
    KnownError{3032, probe::Cause::kServerStarting,
               "The server is in offline mode and admits administrators only."},
    KnownError{3118, probe::Cause::kAccessRefused,
               "The account is locked; unlock it with ALTER USER … ACCOUNT UNLOCK."},
    KnownError{
        3159, probe::Cause::kTlsRequired,
        "The server requires encrypted connections (require_secure_transport); use tls.mode require or "
        "stronger."},
    KnownError{3955, probe::Cause::kAccessRefused, "The account is locked after too many failed logins."},
    KnownError{4151, probe::Cause::kAccessRefused,
               "The account is locked; unlock it with ALTER USER … ACCOUNT UNLOCK."},
};

}  // namespace

std::optional<ServerError> parse_error(base::ByteView payload) {
  Cursor cursor(payload);
  if (cursor.u8() != kErrorMarker) return std::nullopt;
  ServerError error{.code = cursor.u16(), .text = {}};
  if (!cursor.ok()) return std::nullopt;
  auto text = base::as_text(cursor.take(cursor.left()));
  if (text.size() >= kSqlStateSize && text.front() == '#') text.remove_prefix(kSqlStateSize);
  error.text = text.substr(0, kMaxPeerText);
  return error;
}

probe::Failure describe_error(probe::Stage stage, const ServerError& error) {
  const auto known = std::find_if(kKnownErrors.begin(), kKnownErrors.end(),
                                  [&](const KnownError& entry) { return entry.code == error.code; });
  probe::Failure failure{.stage = stage,
                         .cause = probe::Cause::kServerError,
                         .message = "The server answered with error " + std::to_string(error.code) + ".",
                         .peer_text = error.text,
                         .code = std::to_string(error.code)};
  if (known != kKnownErrors.end()) {
    failure.cause = known->cause;
    failure.message = known->message;
  }
  return failure;
}

}  // namespace tlswarden::drivers::mysql

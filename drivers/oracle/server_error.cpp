#include "drivers/oracle/server_error.hpp"

#include <algorithm>
#include <array>

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;

constexpr std::size_t kMaxText = 2048;

struct Row {
  std::uint32_t error;
  Cause cause;
  std::string_view message;
};

// Oracle Database Error Messages.
constexpr std::array kRows{
    Row{18, Cause::kServerBusy, "The database has no room for another session; raise SESSIONS."},
    Row{20, Cause::kServerBusy, "The database has no room for another process; raise PROCESSES."},
    Row{1005, Cause::kAuthenticationFailed, "The database wants a password; set spec.auth.password."},
    Row{1017, Cause::kAuthenticationFailed,
        "The database refused the login; check the user and password of spec.auth."},
    Row{1033, Cause::kServerStarting, "The database is starting or shutting down; it is checked again."},
    Row{1034, Cause::kServerStarting, "The database is not started; start it."},
    Row{1035, Cause::kServerStarting, "The database is in restricted mode; it is checked again."},
    Row{1045, Cause::kAccessRefused, "The user of spec.auth may not log in; grant it CREATE SESSION."},
    Row{1089, Cause::kServerStarting, "The database is shutting down; it is checked again."},
    Row{1109, Cause::kServerStarting, "The database is not open; open it."},
    Row{28000, Cause::kAuthenticationFailed, "The account of spec.auth is locked; unlock it."},
    Row{28001, Cause::kAuthenticationFailed, "The password of spec.auth has expired; set a new one."},
    Row{28040, Cause::kUnsupported,
        "The database wants a kind of login that this build does not know; see "
        "SQLNET.ALLOWED_LOGON_VERSION_SERVER."},
};

std::string code_of(std::uint32_t error) {
  const auto digits = std::to_string(error);
  return "ORA-" + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

}  // namespace

probe::Failure to_failure(const TtcAnswer& answer) {
  const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                 [&](const Row& candidate) { return candidate.error == answer.error; });
  auto failure = row != kRows.end()
                     ? session_failure(row->cause, row->message)
                     : session_failure(Cause::kServerError, "The database answered with an error.");
  failure.peer_text = answer.error_text.substr(0, kMaxText);
  failure.code = code_of(answer.error);
  return failure;
}

probe::Failure session_failure(Cause cause, std::string_view message) {
  return {.stage = probe::Stage::kSession,
          .cause = cause,
          .message = std::string(message),
          .peer_text = {},
          .code = {}};
}

probe::Failure broken_message(Cause cause) {
  switch (cause) {
    case Cause::kPeerClosed:
      return session_failure(cause,
                             "The database ended the connection instead of answering; its log says why.");
    case Cause::kMessageTooLarge:
      return session_failure(cause, "The answer of the database is longer than one to a login can be.");
    case Cause::kInternal:
      return session_failure(cause,
                             "The cryptography of the login failed here; this is a fault of tlswarden.");
    case Cause::kUnsupported:
      return session_failure(cause,
                             "The database keeps only a verifier of before 11g for this account; set its "
                             "password anew.");
    default:
      return session_failure(cause,
                             "The answer of the database breaks its protocol, so the login was ended.");
  }
}

}  // namespace tlswarden::drivers::oracle

#include "drivers/redis/server_error.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace tlswarden::drivers::redis {
namespace {

using probe::Cause;

struct Row {
  std::string_view beginning;  ///< of the reply, in lower case
  Cause cause;
  std::string_view message;
};

// networking.c, acl.c and server.c of Redis 5 to 8 and Valkey 8.
constexpr std::array kRows{
    Row{"noauth", Cause::kAuthenticationFailed, "The server wants a login first; check spec.auth."},
    Row{"wrongpass", Cause::kAuthenticationFailed,
        "The server refused the login; check the user and password of spec.auth."},
    Row{"err invalid password", Cause::kAuthenticationFailed,
        "The server refused the password; check spec.auth.password."},
    Row{"err auth <password> called without any password", Cause::kAuthenticationFailed,
        "The server's default user has no password; remove spec.auth.password or set one in the server."},
    Row{"err client sent auth, but no password is set", Cause::kAuthenticationFailed,
        "The server has no password; remove spec.auth.password or set one in the server."},
    Row{"err wrong number of arguments for 'auth'", Cause::kUnsupported,
        "The server is older than Redis 6 and knows no users; remove spec.auth.username."},
    Row{"noperm", Cause::kAccessRefused, "The server does not permit the declared user to ask this."},
    Row{"denied", Cause::kAccessRefused,
        "The server is in protected mode and admits local clients only; set a password in the server."},
    Row{"err max number of clients", Cause::kServerBusy,
        "The server has no room for another client; raise maxclients."},
    Row{"loading", Cause::kServerStarting, "The server is loading its data; it will be checked again."},
};

}  // namespace

probe::Failure to_failure(const Reply& error, probe::Stage stage) {
  const auto lower = base::lower_ascii(std::string_view(error.text).substr(0, 256));
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&](const Row& candidate) { return lower.starts_with(candidate.beginning); });
  const auto code = error.text.substr(0, std::min<std::size_t>(error.text.find(' '), 32));
  return {.stage = stage,
          .cause = row != kRows.end() ? row->cause : Cause::kServerError,
          .message = row != kRows.end() ? std::string(row->message) : "The server answered with an error.",
          .peer_text = error.text.substr(0, 2048),
          .code = code};
}

probe::Failure broken_answer(probe::Cause cause, probe::Stage stage) {
  std::string message;
  switch (cause) {
    case Cause::kPeerClosed:
      message =
          "The server closed the connection instead of answering; read the server's log for the reason.";
      break;
    case Cause::kMessageTooLarge:
      message = "The server's answer is too long to be one to HELLO.";
      break;
    default:
      message = "The answer is not in Redis's protocol; check spec.port and spec.engine.";
  }
  return {.stage = stage, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}};
}

}  // namespace tlswarden::drivers::redis

#include "drivers/mongodb/server_error.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using probe::Cause;

constexpr std::size_t kMaxPeerText = 2048;

struct Row {
  std::int64_t code;
  Cause cause;
  std::string_view message;
};

constexpr std::string_view kWrongLogin =
    "The server refused the login; check the user and password of spec.auth, and that spec.auth.database is "
    "the "
    "database in which the user was created.";
constexpr std::string_view kNoMechanism =
    "The server offers this user no way to log in that is supported here; give the user used for checks a "
    "password (SCRAM).";
constexpr std::string_view kNotReady = "The server is starting or shutting down; it will be checked again.";

constexpr std::array kRows{
    Row{11, Cause::kAuthenticationFailed, kWrongLogin},    // UserNotFound
    Row{18, Cause::kAuthenticationFailed, kWrongLogin},    // AuthenticationFailed
    Row{8000, Cause::kAuthenticationFailed, kWrongLogin},  // AtlasError: "bad auth"
    Row{13, Cause::kAccessRefused,
        "The server does not permit the declared user to ask this."},  // Unauthorized
    Row{91, Cause::kServerStarting, kNotReady},                        // ShutdownInProgress
    Row{11600, Cause::kServerStarting, kNotReady},                     // InterruptedAtShutdown
    Row{334, Cause::kUnsupported, kNoMechanism},                       // MechanismUnavailable
    Row{59, Cause::kUnsupported, kNoMechanism},                        // CommandNotFound: no saslStart
};

}  // namespace

probe::Failure to_failure(const Document& error, probe::Stage stage) {
  const auto code = error.number("code");
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&](const Row& candidate) { return code && candidate.code == *code; });
  const bool known = row != kRows.end();
  auto name = base::printable(error.text("codeName", 64), 64);
  if (name.empty() && code) name = "code " + std::to_string(*code);
  return {.stage = stage,
          .cause = known ? row->cause : Cause::kServerError,
          .message = known ? std::string(row->message) : "The server answered with an error.",
          .peer_text = error.text("errmsg", kMaxPeerText),
          .code = std::move(name)};
}

probe::Failure broken_answer(Cause cause, probe::Stage stage) {
  std::string message;
  switch (cause) {
    case Cause::kPeerClosed:
      message = "The server closed the connection instead of answering; its log says why.";
      break;
    case Cause::kMessageTooLarge:
      message = "The server's answer is longer than any to a greeting.";
      break;
    case Cause::kMalformedMessage:
      message = "The server's answer is broken; look whether something on the way changes it.";
      break;
    default:
      message = "The answer is not in MongoDB's protocol; check spec.port and spec.engine.";
  }
  return {.stage = stage, .cause = cause, .message = std::move(message), .peer_text = {}, .code = {}};
}

probe::Failure tls_only(probe::Stage stage) {
  return {.stage = stage,
          .cause = Cause::kTlsRequired,
          .message = "The port does not answer a client without TLS.",
          .peer_text = {},
          .code = {}};
}

}  // namespace tlswarden::drivers::mongodb

#include "drivers/clickhouse/server_error.hpp"

#include <algorithm>
#include <array>

namespace tlswarden::drivers::clickhouse {
namespace {

using probe::Cause;

struct Row {
  int code;
  Cause cause;
  std::string_view message;
};

// src/Common/ErrorCodes.cpp of ClickHouse; 516 took the place of 192 to 194 in 20.
constexpr std::array kRows{
    Row{81, Cause::kDatabaseNotFound, "The server has no database of that name; check spec.auth.database."},
    Row{192, Cause::kAuthenticationFailed, "The server knows no such user; check spec.auth.username."},
    Row{193, Cause::kAuthenticationFailed, "The server refused the password; check spec.auth.password."},
    Row{194, Cause::kAuthenticationFailed,
        "The server wants a password of this user; declare spec.auth.password."},
    Row{195, Cause::kHostNotAllowed,
        "The server does not admit this user from this address; add it to the user's networks."},
    Row{202, Cause::kServerBusy, "The server has as many queries as it takes; raise max_concurrent_queries."},
    Row{291, Cause::kAccessRefused, "The server does not permit the declared user to use the database."},
    Row{497, Cause::kAccessRefused, "The server does not permit the declared user to ask this."},
    Row{516, Cause::kAuthenticationFailed,
        "The server refused the login; check the user and password of spec.auth."},
};

}  // namespace

probe::Failure to_failure(const ServerError& error, probe::Stage stage) {
  constexpr std::size_t kMaxPeerText = 2048;
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&](const Row& candidate) { return candidate.code == error.code; });
  return {.stage = stage,
          .cause = row != kRows.end() ? row->cause : Cause::kServerError,
          .message = row != kRows.end() ? std::string(row->message) : "The server answered with an error.",
          .peer_text = error.text.substr(0, kMaxPeerText),
          .code = error.code != 0 ? std::to_string(error.code) : std::string("exception")};
}

std::string version_in(std::string_view text) {
  constexpr std::string_view kMark = "(version ";
  constexpr std::size_t kMaxVersion = 64;
  const auto mark = text.rfind(kMark);
  if (mark == std::string_view::npos) return {};
  const auto rest = text.substr(mark + kMark.size());
  const auto version = rest.substr(0, rest.find_first_not_of("0123456789."));
  return version.size() <= kMaxVersion ? std::string(version) : std::string();
}

}  // namespace tlswarden::drivers::clickhouse

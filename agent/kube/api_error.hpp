#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "kube/transport_error.hpp"

namespace tlswarden::kube {

/// Why a request to the API server did not succeed.
struct ApiError {
  enum class Kind {
    kStatus,       ///< the server refused: code and reason say why
    kUnreachable,  ///< nothing was sent
    kUntrusted,    ///< nothing was sent: TLS failed or the server is not the one it should be
    kCredentials,  ///< nothing was sent: this client's own credentials cannot be had
    kBroken,       ///< no whole answer came: a write may have taken effect
    kTimedOut,     ///< as kBroken
    kMalformed,    ///< the answer is not what the API promises, or too large: as kBroken
    kCancelled,
  };
  Kind kind = Kind::kBroken;
  int code = 0;  ///< of kStatus: HTTP's or the Status object's
  std::string reason =
      {};  ///< of kStatus: the API's word, such as Conflict; may be empty; printable, bounded
  std::string message = {};    ///< ours: one sentence with what to do
  std::string peer_text = {};  ///< the server's own message; printable, bounded
  std::optional<base::Seconds> retry_after = {};
  std::vector<std::string> causes = {};  ///< reasons in details.causes; printable, at most a handful

  /// 409 has two meanings that call for different things.
  bool conflict() const { return code == 409 && reason != "AlreadyExists"; }
  bool already_exists() const { return code == 409 && reason == "AlreadyExists"; }
  bool not_found() const { return kind == Kind::kStatus && code == 404; }
  /// The resource version or continue token is older than what the server still knows.
  bool expired() const;
  /// The resource version is newer than what this server has seen.
  bool ahead_of_server() const;
};

/// From an answer that is no success. `body` should be a Status object and is looked at with suspicion.
/// `what` is the request, for the message: "GET /apis/…". `retry_after` is the header as it came.
ApiError status_error(int code, std::string_view body, std::string_view retry_after, const std::string& what);
ApiError transport_error(const TransportError& error);

/// Whole seconds of a Retry-After header; nothing for an absent one, a date, or nonsense.
std::optional<base::Seconds> parse_retry_after(std::string_view header);

}  // namespace tlswarden::kube

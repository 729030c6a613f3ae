#pragma once

#include <string>

#include "base/bytes.hpp"
#include "drivers/common/http_message.hpp"
#include "probe/conversation.hpp"

/// What a listener that takes TLS alone does with a client that speaks without it.
namespace tlswarden::drivers::common {

/// Whether an answer begins with a TLS alert (RFC 8446, section 5.1: the type of its record).
inline bool begins_with_alert(base::ByteView answer) {
  constexpr std::uint8_t kAlert = 0x15;
  return !answer.empty() && answer.front() == kAlert;
}

/// Whether a web server says so itself: Go's net/http, nginx and Envoy answer in plaintext before they close.
inline bool tells_of_tls(const HttpResponse& response) {
  constexpr unsigned kBadRequest = 400;
  const std::string_view body = response.body;
  return response.status == kBadRequest &&
         (body.find("HTTP request to an HTTPS server") != std::string_view::npos ||
          body.find("plain HTTP request was sent to HTTPS port") != std::string_view::npos);
}

inline probe::Refused refused_without_tls() {
  return {{.stage = probe::Stage::kPlaintext,
           .cause = probe::Cause::kTlsRequired,
           .message = "The port does not answer a client without TLS.",
           .peer_text = {},
           .code = {}}};
}

/// In a login without TLS: a TLS listener ends such a connection without a word.
inline void explain_hang_up(probe::SessionObservation& seen) {
  auto& failure = seen.failure;
  if (seen.logged_in || !failure) return;
  if (failure->cause != probe::Cause::kPeerClosed && failure->cause != probe::Cause::kConnectionReset) return;
  failure->cause = probe::Cause::kTlsRequired;
  failure->message = "The port does not answer a client without TLS.";
}

}  // namespace tlswarden::drivers::common

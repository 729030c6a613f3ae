#include "drivers/postgresql/login_error.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/text.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Cause;

struct Found {
  ServerError error;
  std::string_view before;  ///< the text up to it
};

/// Every "FATAL:  28P01: words" of the text, in order; the words end with their line.
std::vector<Found> server_errors(std::string_view text) {
  constexpr std::size_t kMaxErrors = 4;
  constexpr std::size_t kCodeSize = 5;
  constexpr std::size_t kMaxText = 2048;
  std::vector<Found> errors;
  for (auto at = text.find(":  "); at != std::string_view::npos && errors.size() < kMaxErrors;
       at = text.find(":  ", at + 1)) {
    const auto code = text.substr(at + 3, kCodeSize);
    const auto rest = text.substr(std::min(at + 3 + kCodeSize, text.size()));
    const bool is_code = code.size() == kCodeSize && std::all_of(code.begin(), code.end(), [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                         });
    if (!is_code || !rest.starts_with(": ")) continue;
    const auto words = rest.substr(2, rest.find('\n') - 2);
    errors.push_back(
        {.error = {.sqlstate = std::string(code), .message = std::string(words.substr(0, kMaxText))},
         .before = text.substr(0, at)});
  }
  return errors;
}

struct ClientRow {
  std::string_view words;  ///< libpq's or OpenSSL's, in lower case
  Cause cause;
  std::string_view message;
};
constexpr std::array kClientRows{
    ClientRow{"server does not support ssl", Cause::kTlsNotOffered,
              "The login was withheld: the server has no TLS"},
    ClientRow{"certificate verify failed", Cause::kChannelTooWeak,
              "The login was withheld: the server's certificate does not verify with the trusted CAs"},
    ClientRow{"does not match host name", Cause::kChannelTooWeak,
              "The login was withheld: the server's certificate is for another name"},
    ClientRow{"host name must be specified for a verified", Cause::kChannelTooWeak,
              "The login was withheld: there is no name to verify the server by"},
    ClientRow{
        "alert certificate required", Cause::kClientCertificateRequired,
        "The server demands a client certificate; declare spec.tls.clientCertificate and spec.tls.clientKey"},
    ClientRow{"alert unknown ca", Cause::kClientCertificateRejected,
              "The server does not trust the client certificate"},
    ClientRow{"alert bad certificate", Cause::kClientCertificateRejected,
              "The server does not accept the client certificate"},
    ClientRow{"alert certificate expired", Cause::kClientCertificateRejected,
              "The server refuses the client certificate as expired"},
    ClientRow{"alert certificate revoked", Cause::kClientCertificateRejected,
              "The server refuses the client certificate as revoked"},
    ClientRow{"alert unsupported certificate", Cause::kClientCertificateRejected,
              "The server refuses the client certificate as unsuitable for a client"},
    ClientRow{"wrong version number", Cause::kNotTls, "The server's answer to ClientHello is not TLS"},
    ClientRow{"protocol version", Cause::kProtocolVersion,
              "The server offers no TLS version that spec.tls.minVersion admits"},
    ClientRow{"unsupported protocol", Cause::kProtocolVersion,
              "The server offers no TLS version that spec.tls.minVersion admits"},
    ClientRow{"no password supplied", Cause::kAuthenticationFailed,
              "The server asks for a password and spec.auth.password declares none"},
    ClientRow{"connection refused", Cause::kConnectionRefused,
              "The server refused the connection for the login"},
    ClientRow{"connection reset", Cause::kConnectionReset, "The connection for the login was reset"},
    ClientRow{"server closed the connection unexpectedly", Cause::kPeerClosed,
              "The server closed the connection during the login; read the server's log for the reason"},
    ClientRow{"ssl error", Cause::kHandshakeRefused, "The TLS handshake of the login failed"},
    ClientRow{"definition of service", Cause::kUnsupported,
              "PGSERVICE in the agent's environment names a service that does not exist; unset it"},
};

const ClientRow* find_row(std::string_view text) {
  const auto lower = base::lower_ascii(text);
  const auto* row = std::find_if(kClientRows.begin(), kClientRows.end(), [&](const ClientRow& candidate) {
    return lower.find(candidate.words) != std::string::npos;
  });
  return row != kClientRows.end() ? row : nullptr;
}

probe::Failure from_client(std::string_view text) {
  const auto* row = find_row(text);
  const bool known = row != nullptr;
  const std::string_view ours = known ? row->message : "The session did not come about";
  return {.stage = probe::Stage::kSession,
          .cause = known ? row->cause : Cause::kServerError,
          .message = std::string(ours) + " (libpq: " + base::printable(text) + ").",
          .peer_text = {},
          .code = {}};
}

}  // namespace

probe::Failure read_login_error(std::string_view text, const Identity& identity) {
  const auto errors = server_errors(text);
  if (errors.empty()) return from_client(text);
  const auto& first = errors.front();
  const auto cause = classify(first.error, identity);
  // The TLS attempt failed before a word of the server, and the server wants no attempt without TLS.
  if (cause == Cause::kTlsRequired && find_row(first.before) != nullptr) return from_client(first.before);
  return to_failure(cause == Cause::kTlsRefused ? errors.back().error : first.error, probe::Stage::kSession,
                    identity);
}

}  // namespace tlswarden::drivers::postgresql

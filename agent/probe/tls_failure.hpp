#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "probe/failure.hpp"

namespace tlswarden::probe {

/// What was known when TLS broke. Plain data.
struct TlsFault {
  /// The number of the fatal alert that the peer sent (RFC 8446 section 6), if one did.
  std::optional<int> alert;
  int reason = 0;  ///< OpenSSL's reason code (SSL_R_*) otherwise; 0 for an error of another of its libraries
  std::string text;  ///< OpenSSL's words
};

/// The circumstances that give an alert its meaning.
struct TlsCircumstances {
  Stage stage = Stage::kHandshake;
  bool client_certificate_requested = false;
  bool client_certificate_presented = false;
  base::ByteView first_bytes;  ///< the beginning of what the peer answered, at most a few hundred bytes
  std::string_view peer;       ///< for messages: "10.0.0.7:5432"
};

/// "bad_certificate"; empty for a number that no RFC assigns.
std::string_view alert_name(int alert);

/// Whether bytes that answer a ClientHello begin a TLS record (RFC 8446 section 5.1): a handshake message or
/// an alert. True for none at all.
bool looks_like_tls(base::ByteView answer);

/// Pure. `code` holds the alert's number, `peer_text` its name or, where the peer does not speak TLS, its
/// first bytes.
Failure tls_failure(const TlsFault& fault, const TlsCircumstances& circumstances);

}  // namespace tlswarden::probe

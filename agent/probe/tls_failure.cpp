#include "probe/tls_failure.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "pki/openssl.hpp"

namespace tlswarden::probe {
namespace {

/// RFC 8446 section 6, RFC 5246 section 7.2 and the IANA registry; the numbers that still occur.
constexpr auto kAlerts = std::to_array<std::pair<int, std::string_view>>({
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
});

/// Alerts by which servers answer the lack of a client certificate: OpenSSL 40 and 116, Go 42 before 1.21,
/// SSL 3.0 41.
constexpr std::array kNoCertificateAlerts{40, 41, 42, 116};
/// Alerts by which servers turn down the client certificate that was presented. 80 is what Netty with
/// BoringSSL (Cassandra) answers to any that it does not accept.
constexpr int kInternalErrorAlert = 80;
constexpr int kUnknownCaAlert = 48;
constexpr std::array kBadCertificateAlerts{
    40, 42, 43, 44, 45, 46, kUnknownCaAlert, 49, 51, kInternalErrorAlert, 116};

template <std::size_t N>
bool contains(const std::array<int, N>& set, int value) {
  return std::find(set.begin(), set.end(), value) != set.end();
}

Cause cause_of_alert(int alert, const TlsCircumstances& circumstances) {
  switch (alert) {
    case 70:
    case 86:
      return Cause::kProtocolVersion;
    case 71:
      return Cause::kNoSharedCipher;
    case 112:
      return Cause::kNameUnrecognised;
    case 120:
      return Cause::kAlpnRefused;
    default:
      break;
  }
  if (circumstances.client_certificate_requested) {
    if (circumstances.client_certificate_presented && contains(kBadCertificateAlerts, alert)) {
      return Cause::kClientCertificateRejected;
    }
    if (!circumstances.client_certificate_presented && contains(kNoCertificateAlerts, alert)) {
      return Cause::kClientCertificateRequired;
    }
  }
  return alert == kInternalErrorAlert ? Cause::kServerError : Cause::kHandshakeRefused;
}

/// What OpenSSL itself found wrong with the peer's answer.
Cause cause_of_reason(int reason) {
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_INAPPROPRIATE_FALLBACK:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
      return Cause::kProtocolVersion;
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_UNKNOWN_CIPHER_RETURNED:
    case SSL_R_WRONG_CIPHER_RETURNED:
    case SSL_R_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED:
    case SSL_R_WRONG_SIGNATURE_TYPE:
    case SSL_R_WRONG_CURVE:
    case SSL_R_DH_KEY_TOO_SMALL:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
      return Cause::kNoSharedCipher;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return Cause::kPeerClosed;
    case SSL_R_EXCESSIVE_MESSAGE_SIZE:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
    case SSL_R_DATA_LENGTH_TOO_LONG:
      return Cause::kMessageTooLarge;
    default:
      return Cause::kMalformedMessage;
  }
}

std::string message_for(Cause cause, const TlsFault& fault, std::string_view peer) {
  const std::string who(peer);
  const auto alert = fault.alert ? " (TLS alert " + std::to_string(*fault.alert) + ")" : std::string();
  switch (cause) {
    case Cause::kProtocolVersion:
      return "There is no TLS version that both this client and " + who + " accept" + alert + ".";
    case Cause::kNoSharedCipher:
      return "There is no cipher, curve or signature algorithm that both this client and " + who + " accept" +
             alert + ".";
    case Cause::kServerError:
      return who + " ended TLS with an internal error" + alert + "; read the server's log for the reason.";
    case Cause::kNameUnrecognised:
      return who + " knows no server of the name that was sent" + alert +
             "; set spec.tls.serverName to one it serves.";
    case Cause::kAlpnRefused:
      return who + " refuses the application protocol that was offered" + alert + ".";
    case Cause::kClientCertificateRequired:
      return who + " demands a client certificate" + alert +
             "; declare spec.tls.clientCertificate and spec.tls.clientKey.";
    case Cause::kClientCertificateRejected:
      if (fault.alert == kInternalErrorAlert) {
        return who + " ended TLS with an internal error" + alert +
               " at the client certificate, as some do that reject it; check its CA and its dates.";
      }
      if (fault.alert == kUnknownCaAlert) {
        return who + " rejects the client certificate" + alert +
               ", for it does not know the CA that issued it; add that CA to the server's CA file for "
               "clients, or "
               "declare a certificate of a CA that is in it.";
      }
      return who + " rejects the client certificate" + alert +
             "; check that the server trusts its CA and that it is in date.";
    case Cause::kHandshakeRefused:
      return who + " refuses the TLS handshake" + alert + "; read the server's log for the reason.";
    case Cause::kPeerClosed:
      return "The connection was closed by " + who + " in the middle of TLS.";
    case Cause::kMessageTooLarge:
      return who + " sent a TLS message larger than any that is allowed.";
    default:
      return who + " sent broken TLS: " + fault.text + ".";
  }
}

}  // namespace

std::string_view alert_name(int alert) {
  const auto* const found = std::find_if(kAlerts.begin(), kAlerts.end(),
                                         [alert](const auto& entry) { return entry.first == alert; });
  return found == kAlerts.end() ? std::string_view() : found->second;
}

bool looks_like_tls(base::ByteView answer) {
  constexpr std::uint8_t kAlertRecord = 21, kHandshakeRecord = 22, kMajorVersion = 3;
  if (answer.empty()) return true;
  if (answer[0] != kAlertRecord && answer[0] != kHandshakeRecord) return false;
  return answer.size() < 2 || answer[1] == kMajorVersion;
}

Failure tls_failure(const TlsFault& fault, const TlsCircumstances& circumstances) {
  const std::string who(circumstances.peer);
  if (circumstances.stage == Stage::kHandshake && !looks_like_tls(circumstances.first_bytes)) {
    return Failure{
        Stage::kHandshake,
        Cause::kNotTls,
        who + " answers something other than TLS: is this the port, and the engine, that speaks TLS?",
        std::string(base::as_text(circumstances.first_bytes)),
        {}};
  }
  const Cause cause =
      fault.alert ? cause_of_alert(*fault.alert, circumstances) : cause_of_reason(fault.reason);
  Failure failure{circumstances.stage, cause, message_for(cause, fault, circumstances.peer), {}, {}};
  if (fault.alert) {
    failure.code = std::to_string(*fault.alert);
    failure.peer_text = "TLS alert " + std::string(alert_name(*fault.alert));
  }
  return failure;
}

}  // namespace tlswarden::probe

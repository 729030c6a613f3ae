#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "pki/certificate.hpp"
#include "pki/openssl.hpp"

/// Small helpers over OpenSSL that several files of this folder share. Safe from any thread.
namespace tlswarden::pki {

/// Empties this thread's error queue; oldest error first, as OpenSSL's packed codes.
std::vector<unsigned long> take_openssl_errors();
/// Empties this thread's error queue and says its oldest error in OpenSSL's words; `otherwise` if there is
/// none.
std::string openssl_reason(std::string_view otherwise = "no reason was given");

/// Lower-case hexadecimal.
std::string sha256_hex(base::ByteView data);
std::string sha1_hex(base::ByteView data);

/// The library's own form of a certificate, inside `library` (null: the default library context). Null if the
/// DER cannot be read, which parse_certificate rules out.
X509Ptr to_x509(const Certificate& certificate, OSSL_LIB_CTX* library = nullptr);
X509Ptr x509_from_der(base::ByteView der, OSSL_LIB_CTX* library = nullptr);

/// RFC 2253 order and escapes, but with characters outside ASCII left readable; safe to display, at most
/// 1024 bytes.
std::string name_text(const X509_NAME* name);
/// Nothing for what is no time, or no day of the calendar.
std::optional<base::WallTime> to_wall_time(const ASN1_TIME* time);

/// "EC-256", "RSA-2048", "Ed25519".
std::string describe_key(const EVP_PKEY& key);
/// SHA-256 of the key's SubjectPublicKeyInfo; empty if it has none.
std::string spki_sha256(EVP_PKEY& key);

/// The string's characters as UTF-8, NULs and all; empty if they cannot be converted.
std::string to_utf8(const ASN1_STRING& text);
/// The string's bytes as they stand.
std::string_view raw_text(const ASN1_STRING& text);

}  // namespace tlswarden::pki

#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "pki/private_key.hpp"

namespace tlswarden::pki {

/// Decrypts the body of a PEM block whose header says `DEK-Info: DES-EDE3-CBC,0123…` (RFC 1421 section
/// 4.6.1.3), with the key that OpenSSL derives for it: one round of MD5. OpenSSL's own function knows the
/// default library context alone, and with it no DES, RC2 or Blowfish; this one turns to LegacyLibrary for
/// them. A wrong passphrase may go unnoticed: the padding of what it yields is right once in 256 times.
base::Result<base::Secret, KeyError> decrypt_pem_body(std::string_view header, base::ByteView body,
                                                      const base::Secret& passphrase);

}  // namespace tlswarden::pki

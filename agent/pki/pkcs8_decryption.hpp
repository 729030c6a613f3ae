#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "pki/openssl.hpp"
#include "pki/private_key.hpp"

namespace tlswarden::pki {

/// Decrypts an EncryptedPrivateKeyInfo (RFC 5958 section 3): with the default provider, then, for ciphers
/// that it no longer has, with the legacy one inside a library context of this call's own, so that the
/// process as a whole keeps refusing those ciphers.
base::Result<PkeyPtr, KeyError> decrypt_pkcs8(base::ByteView der, const base::Secret& passphrase);

/// Unencrypted PKCS#8 DER; nothing if the key has no such form.
std::optional<base::Secret> encode_pkcs8(const EVP_PKEY& key);

std::string wrong_passphrase_message();
std::string unsupported_cipher_message();

}  // namespace tlswarden::pki

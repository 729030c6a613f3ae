#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "pki/kdf_budget.hpp"
#include "pki/openssl.hpp"
#include "pki/private_key.hpp"

namespace tlswarden::pki {

/// Decrypts an EncryptedPrivateKeyInfo (RFC 5958 section 3): with the default provider, then, for ciphers
/// that it no longer has, with the legacy one inside a library context of this call's own, so that the
/// process as a whole keeps refusing those ciphers. Costs at most a KdfBudget.
base::Result<PkeyPtr, KeyError> decrypt_pkcs8(base::ByteView der, const base::Secret& passphrase);

/// The same for one key of several in a file. A passphrase whose data() is null is absent, which PKCS#12
/// knows apart from empty (RFC 7292 appendix B.1).
base::Result<PkeyPtr, KeyError> decrypt_pkcs8(const X509_SIG& encrypted, std::string_view passphrase,
                                              KdfBudget& budget);

/// Unencrypted PKCS#8 DER; nothing if the key has no such form.
std::optional<base::Secret> encode_pkcs8(const EVP_PKEY& key);

std::string wrong_passphrase_message();
std::string unsupported_cipher_message();
std::string legacy_needed_message();

}  // namespace tlswarden::pki

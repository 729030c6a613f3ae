#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tlswarden::pki {

/// A private key in memory: PKCS#8 DER, unencrypted, inside a Secret. Shared, immutable.
class PrivateKey {
 public:
  PrivateKey(base::Secret pkcs8_der, std::string kind, std::string spki_sha256);
  const base::Secret& pkcs8_der() const { return pkcs8_der_; }
  const std::string& kind() const { return kind_; }  ///< "EC-256", "RSA-2048"
  const std::string& spki_sha256() const {
    return spki_sha256_;
  }  ///< compare with CertificateFacts::spki_sha256

 private:
  base::Secret pkcs8_der_;
  std::string kind_, spki_sha256_;
};
using PrivateKeyPtr = std::shared_ptr<const PrivateKey>;

/// Why a key could not be read.
struct KeyError {
  enum class Kind {
    kNotAKey,              ///< no private key in the content (a certificate, rubbish, empty)
    kEncrypted,            ///< encrypted, and no passphrase was given
    kPassphraseIncorrect,  ///< wrong passphrase, or corrupt: the two cannot be told apart
    kUnsupportedCipher,    ///< encrypted with a cipher that OpenSSL 3 no longer offers
  };
  Kind kind = Kind::kNotAKey;
  std::string message;
};

/// Reads PEM or DER; PKCS#8, PKCS#1 or SEC1; plain or encrypted (PBES2 with PBKDF2 or scrypt, PBES1,
/// PKCS#12's schemes, and DEK-Info; retired ciphers with the legacy provider in a private library context).
/// Hashes the passphrase at most KdfBudget::kIterations times. Never prompts. At most 1 MiB.
base::Result<PrivateKeyPtr, KeyError> parse_private_key(const base::Secret& content,
                                                        const base::Secret* passphrase);

}  // namespace tlswarden::pki

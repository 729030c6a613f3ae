#include "pki/pkcs8_decryption.hpp"

#include <utility>
#include <vector>

#include "pki/legacy_library.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

using EncryptedKeyPtr = std::unique_ptr<X509_SIG, Releaser<X509_SIG_free>>;
using KeyInfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Releaser<PKCS8_PRIV_KEY_INFO_free>>;

KeyInfoPtr decrypt(const X509_SIG& encrypted, std::string_view passphrase, OSSL_LIB_CTX* library) {
  return KeyInfoPtr(
      PKCS8_decrypt_ex(&encrypted, passphrase.data(), static_cast<int>(passphrase.size()), library, nullptr));
}

tl::unexpected<KeyError> key_error(KeyError::Kind kind, std::string message) {
  return tl::unexpected<KeyError>(KeyError{kind, std::move(message)});
}

}  // namespace

std::string wrong_passphrase_message() {
  return "the private key cannot be decrypted: the passphrase is wrong, or the file is corrupt";
}

std::string unsupported_cipher_message() {
  return "the private key is encrypted with a cipher that OpenSSL 3 no longer offers; encrypt it anew with: "
         "openssl pkcs8 -topk8 -provider legacy -provider default -in FILE -out key.pem";
}

std::string legacy_needed_message() {
  return "the private key is encrypted with a cipher of " + std::string(kLegacyProviderMissing) +
         "; install it, or where it is installed encrypt the key anew with: "
         "openssl pkcs8 -topk8 -provider legacy -provider default -in FILE -out key.pem";
}

base::Result<PkeyPtr, KeyError> decrypt_pkcs8(base::ByteView der, const base::Secret& passphrase) {
  const unsigned char* position = der.data();
  const EncryptedKeyPtr encrypted(d2i_X509_SIG(nullptr, &position, static_cast<long>(der.size())));
  if (!encrypted) {
    return key_error(KeyError::Kind::kNotAKey,
                     "the encrypted private key is broken (" + openssl_reason() + ")");
  }
  KdfBudget budget;
  return decrypt_pkcs8(*encrypted, passphrase.empty() ? std::string_view("") : passphrase.reveal(), budget);
}

base::Result<PkeyPtr, KeyError> decrypt_pkcs8(const X509_SIG& encrypted, std::string_view passphrase,
                                              KdfBudget& budget) {
  const X509_ALGOR* scheme = nullptr;
  X509_SIG_get0(&encrypted, &scheme, nullptr);
  if (scheme != nullptr && !budget.spend(*scheme)) {
    return key_error(KeyError::Kind::kNotAKey,
                     "the private key " + over_budget_text() +
                         "; encrypt it anew with: openssl pkcs8 -topk8 -in FILE -out key.pem");
  }
  ERR_clear_error();
  KeyInfoPtr info = decrypt(encrypted, passphrase, nullptr);
  std::vector<unsigned long> errors = take_openssl_errors();
  if (!info && says_unsupported(errors)) {
    const LegacyLibrary library;
    if (!library.usable()) return key_error(KeyError::Kind::kUnsupportedCipher, legacy_needed_message());
    info = decrypt(encrypted, passphrase, library.get());
    errors = take_openssl_errors();
  }
  if (!info) {
    return says_unsupported(errors)
               ? key_error(KeyError::Kind::kUnsupportedCipher, unsupported_cipher_message())
               : key_error(KeyError::Kind::kPassphraseIncorrect, wrong_passphrase_message());
  }
  PkeyPtr key(EVP_PKCS82PKEY(info.get()));
  if (!key) {
    ERR_clear_error();
    return key_error(KeyError::Kind::kPassphraseIncorrect, wrong_passphrase_message());
  }
  return key;
}

std::optional<base::Secret> encode_pkcs8(const EVP_PKEY& key) {
  const KeyInfoPtr info(EVP_PKEY2PKCS8(&key));
  const int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr) : 0;
  if (size <= 0) return std::nullopt;
  base::Bytes der(static_cast<std::size_t>(size));
  unsigned char* out = der.data();
  i2d_PKCS8_PRIV_KEY_INFO(info.get(), &out);
  return base::Secret(std::move(der));
}

}  // namespace tlswarden::pki

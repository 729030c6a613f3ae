#include "pki/pkcs8_decryption.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

using EncryptedKeyPtr = std::unique_ptr<X509_SIG, Releaser<X509_SIG_free>>;
using KeyInfoPtr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Releaser<PKCS8_PRIV_KEY_INFO_free>>;
using ProviderPtr = std::unique_ptr<OSSL_PROVIDER, Releaser<OSSL_PROVIDER_unload>>;

/// A library context with the legacy provider. The default one must be loaded beside it by name: loading any
/// provider explicitly switches the implicit default off.
struct LegacyLibrary {
  LibraryContextPtr context{OSSL_LIB_CTX_new()};
  ProviderPtr standard{OSSL_PROVIDER_load(context.get(), "default")};
  ProviderPtr legacy{OSSL_PROVIDER_load(context.get(), "legacy")};
  bool usable() const { return context && standard && legacy; }
};

KeyInfoPtr decrypt(const X509_SIG& encrypted, const base::Secret& passphrase, OSSL_LIB_CTX* library) {
  const std::string_view text = passphrase.reveal();
  // A null pointer would make OpenSSL treat the passphrase as absent rather than as empty.
  const char* data = text.empty() ? "" : text.data();
  return KeyInfoPtr(PKCS8_decrypt_ex(&encrypted, data, static_cast<int>(text.size()), library, nullptr));
}

/// Whether the errors say that the cipher was never tried, as opposed to tried and failed.
bool says_unsupported(const std::vector<unsigned long>& errors) {
  const auto is_unsupported = [](unsigned long error) {
    const int reason = ERR_GET_REASON(error);
    if (reason == ERR_R_UNSUPPORTED) return true;
    if (ERR_GET_LIB(error) != ERR_LIB_EVP) return false;
    return reason == EVP_R_UNSUPPORTED_ALGORITHM || reason == EVP_R_UNKNOWN_PBE_ALGORITHM ||
           reason == EVP_R_UNSUPPORTED_CIPHER || reason == EVP_R_UNSUPPORTED_PRF ||
           reason == EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION || reason == EVP_R_UNKNOWN_CIPHER;
  };
  return std::any_of(errors.begin(), errors.end(), is_unsupported);
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

base::Result<PkeyPtr, KeyError> decrypt_pkcs8(base::ByteView der, const base::Secret& passphrase) {
  const unsigned char* position = der.data();
  const EncryptedKeyPtr encrypted(d2i_X509_SIG(nullptr, &position, static_cast<long>(der.size())));
  if (!encrypted) {
    return key_error(KeyError::Kind::kNotAKey,
                     "the encrypted private key is broken (" + openssl_reason() + ")");
  }
  KeyInfoPtr info = decrypt(*encrypted, passphrase, nullptr);
  std::vector<unsigned long> errors = take_openssl_errors();
  if (!info && says_unsupported(errors)) {
    const LegacyLibrary library;
    ERR_clear_error();
    if (library.usable()) {
      info = decrypt(*encrypted, passphrase, library.context.get());
      errors = take_openssl_errors();
    }
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

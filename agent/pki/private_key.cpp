#include "pki/private_key.hpp"

#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "pki/content_kind.hpp"
#include "pki/openssl.hpp"
#include "pki/openssl_support.hpp"
#include "pki/pem_header_decryption.hpp"
#include "pki/pem_layout.hpp"
#include "pki/pkcs8_decryption.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kMaxKeySize = 1024UL * 1024;

using KeyResult = base::Result<PkeyPtr, KeyError>;

tl::unexpected<KeyError> key_error(KeyError::Kind kind, std::string message) {
  return tl::unexpected<KeyError>(KeyError{kind, std::move(message)});
}

/// One block of a PEM file. Its memory is wiped when it goes.
class PemBlock {
 public:
  PemBlock() = default;
  PemBlock(const PemBlock&) = delete;
  PemBlock& operator=(const PemBlock&) = delete;
  ~PemBlock() { release(); }

  bool read(BIO* in) {
    release();
    return PEM_read_bio_ex(in, &label_, &header_, &data_, &size_, kFlags) == 1;
  }
  std::string_view label() const { return label_; }
  const char* header() const { return header_; }
  const unsigned char* data() const { return data_; }
  long size() const { return size_; }
  bool encrypted_by_header() const { return std::strstr(header_, "ENCRYPTED") != nullptr; }

 private:
  static constexpr unsigned int kFlags = PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE;

  void release() {
    OPENSSL_secure_free(label_);
    OPENSSL_secure_free(header_);
    OPENSSL_secure_clear_free(data_, static_cast<std::size_t>(size_));
    label_ = nullptr;
    header_ = nullptr;
    data_ = nullptr;
    size_ = 0;
  }

  char* label_ = nullptr;
  char* header_ = nullptr;
  unsigned char* data_ = nullptr;
  long size_ = 0;
};

KeyResult read_plain(base::ByteView der) {
  const unsigned char* position = der.data();
  PkeyPtr key(d2i_AutoPrivateKey(nullptr, &position, static_cast<long>(der.size())));
  if (!key) {
    return key_error(KeyError::Kind::kNotAKey, "the private key cannot be read (" + openssl_reason() + ")");
  }
  return key;
}

tl::unexpected<KeyError> passphrase_missing() {
  return key_error(
      KeyError::Kind::kEncrypted,
      "the private key is encrypted and no passphrase is declared; declare it or decrypt the key");
}

KeyResult read_encrypted_pkcs8(base::ByteView der, const base::Secret* passphrase) {
  if (passphrase == nullptr) return passphrase_missing();
  return decrypt_pkcs8(der, *passphrase);
}

/// A key of OpenSSL's own old form, encrypted by its PEM header.
KeyResult read_legacy(const PemBlock& block, const base::Secret* passphrase) {
  if (passphrase == nullptr) return passphrase_missing();
  const base::ByteView body(block.data(), static_cast<std::size_t>(block.size()));
  const auto plain = decrypt_pem_body(block.header(), body, *passphrase);
  if (!plain) return tl::unexpected<KeyError>(plain.error());
  KeyResult key = read_plain(plain->bytes());
  // The padding of a wrongly decrypted block is right once in 256 times.
  if (!key) return key_error(KeyError::Kind::kPassphraseIncorrect, wrong_passphrase_message());
  return key;
}

KeyResult read_pem(base::ByteView content, const base::Secret* passphrase) {
  const BioPtr in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  PemBlock block;
  std::string seen;
  while (block.read(in.get())) {
    const base::ByteView der(block.data(), static_cast<std::size_t>(block.size()));
    if (block.label() == PEM_STRING_PKCS8) return read_encrypted_pkcs8(der, passphrase);
    if (block.label() == "OPENSSH PRIVATE KEY") {
      return key_error(KeyError::Kind::kNotAKey,
                       "the private key is in OpenSSH's own form; convert a copy of it with: "
                       "ssh-keygen -p -m PKCS8 -f FILE");
    }
    if (block.label().ends_with("PRIVATE KEY")) {
      return block.encrypted_by_header() ? read_legacy(block, passphrase) : read_plain(der);
    }
    if (seen.empty()) seen = block.label().substr(0, 64);
  }
  const bool broken = ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
  const std::string reason = openssl_reason();
  if (const auto fault = first_layout_fault(base::as_text(content)))
    return key_error(KeyError::Kind::kNotAKey, "the PEM text is broken: " + *fault);
  if (broken)
    return key_error(KeyError::Kind::kNotAKey,
                     "the PEM text is broken (" + reason + "); fetch the file anew");
  if (seen.find("CERTIFICATE") != std::string::npos) {
    return key_error(KeyError::Kind::kNotAKey,
                     "the content is a certificate; refer to its private key instead");
  }
  return key_error(KeyError::Kind::kNotAKey,
                   "there is no private key in the content; put it there as PEM or DER");
}

KeyResult read_any(base::ByteView content, const base::Secret* passphrase) {
  switch (recognise_content(content)) {
    case ContentKind::kPem:
      return read_pem(content, passphrase);
    case ContentKind::kDerPrivateKey:
      return read_plain(content);
    case ContentKind::kDerEncryptedKey:
      return read_encrypted_pkcs8(content, passphrase);
    case ContentKind::kEmpty:
      return key_error(KeyError::Kind::kNotAKey, "the content is empty; put the private key into it");
    case ContentKind::kDerCertificate:
    case ContentKind::kDerPkcs7:
      return key_error(KeyError::Kind::kNotAKey,
                       "the content is a certificate; refer to its private key instead");
    case ContentKind::kPkcs12:
      return key_error(KeyError::Kind::kNotAKey,
                       "the content is PKCS#12; take the key out of it with: "
                       "openssl pkcs12 -in FILE -nocerts -out key.pem");
    case ContentKind::kJavaKeystore:
      return key_error(
          KeyError::Kind::kNotAKey,
          "the content is a Java keystore; make it PKCS#12 with: keytool -importkeystore -srckeystore "
          "FILE -destkeystore key.p12 -deststoretype PKCS12, then: openssl pkcs12 -in key.p12 -nocerts "
          "-out key.pem");
    case ContentKind::kUtf16:
      return key_error(KeyError::Kind::kNotAKey,
                       "the content is UTF-16 text; save it as plain ASCII or UTF-8");
    default:
      break;
  }
  return key_error(KeyError::Kind::kNotAKey,
                   "there is no private key in the content; put it there as PEM or DER");
}

}  // namespace

PrivateKey::PrivateKey(base::Secret pkcs8_der, std::string kind, std::string spki_sha256)
    : pkcs8_der_(std::move(pkcs8_der)), kind_(std::move(kind)), spki_sha256_(std::move(spki_sha256)) {}

base::Result<PrivateKeyPtr, KeyError> parse_private_key(const base::Secret& content,
                                                        const base::Secret* passphrase) {
  if (content.bytes().size() > kMaxKeySize) {
    return key_error(KeyError::Kind::kNotAKey, "the content is larger than 1 MiB, which no private key is");
  }
  ERR_clear_error();
  const KeyResult key = read_any(content.bytes(), passphrase);
  ERR_clear_error();
  if (!key) return tl::unexpected<KeyError>(key.error());
  std::optional<base::Secret> plain = encode_pkcs8(**key);
  const std::string fingerprint = spki_sha256(**key);
  if (!plain || fingerprint.empty()) {
    return key_error(KeyError::Kind::kNotAKey, "the private key cannot be used (" + openssl_reason() + ")");
  }
  return std::make_shared<const PrivateKey>(*std::move(plain), describe_key(**key), fingerprint);
}

}  // namespace tlswarden::pki

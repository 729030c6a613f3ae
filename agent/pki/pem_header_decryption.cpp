#include "pki/pem_header_decryption.hpp"

#include <optional>
#include <string>

#include "base/text.hpp"
#include "pki/legacy_library.hpp"
#include "pki/openssl.hpp"
#include "pki/pkcs8_decryption.hpp"

namespace tlswarden::pki {
namespace {

using CipherPtr = std::unique_ptr<EVP_CIPHER, Releaser<EVP_CIPHER_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, Releaser<EVP_CIPHER_CTX_free>>;

constexpr std::size_t kSaltSize = 8;  // of EVP_BytesToKey: the first bytes of the initialisation vector

/// What the header says.
struct Encryption {
  std::string cipher;
  base::Bytes vector;
};

std::optional<unsigned> digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  const std::string lower = base::lower_ascii(std::string_view(&digit, 1));
  if (lower[0] >= 'a' && lower[0] <= 'f') return static_cast<unsigned>(lower[0] - 'a' + 10);
  return std::nullopt;
}

std::optional<base::Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0 || text.size() > std::size_t{2} * EVP_MAX_IV_LENGTH) return std::nullopt;
  base::Bytes bytes;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const auto high = digit_value(text[at]);
    const auto low = digit_value(text[at + 1]);
    if (!high || !low) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(*high << 4U | *low));
  }
  return bytes;
}

std::optional<Encryption> read_header(std::string_view header) {
  constexpr std::string_view kField = "DEK-Info:";
  const std::size_t field = header.find(kField);
  if (field == std::string_view::npos) return std::nullopt;
  std::string_view value = header.substr(field + kField.size());
  value = value.substr(0, value.find_first_of("\r\n"));
  const std::size_t comma = value.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  auto vector = from_hex(base::trimmed(value.substr(comma + 1)));
  if (!vector) return std::nullopt;
  return Encryption{std::string(base::trimmed(value.substr(0, comma)).substr(0, 64)), *std::move(vector)};
}

tl::unexpected<KeyError> key_error(KeyError::Kind kind, std::string message) {
  return tl::unexpected<KeyError>(KeyError{kind, std::move(message)});
}

std::optional<base::Secret> decrypt(const EVP_CIPHER& cipher, const base::Bytes& vector, base::ByteView body,
                                    const base::Secret& passphrase) {
  base::Bytes key(EVP_MAX_KEY_LENGTH);
  const base::ByteView text = passphrase.bytes();
  const bool derived = EVP_BytesToKey(&cipher, EVP_md5(), vector.data(), text.data(),
                                      static_cast<int>(text.size()), 1, key.data(), nullptr) > 0;
  const base::Secret guarded(std::move(key));
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  base::Bytes plain(body.size() + EVP_MAX_BLOCK_LENGTH);
  int size = 0;
  int rest = 0;
  const bool done =
      derived && context &&
      EVP_DecryptInit_ex2(context.get(), &cipher, guarded.bytes().data(), vector.data(), nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), plain.data(), &size, body.data(), static_cast<int>(body.size())) ==
          1 &&
      EVP_DecryptFinal_ex(context.get(), plain.data() + size, &rest) == 1;
  base::Secret whole(std::move(plain));
  ERR_clear_error();
  if (!done) return std::nullopt;
  return base::Secret(
      whole.reveal().substr(0, static_cast<std::size_t>(size) + static_cast<std::size_t>(rest)));
}

}  // namespace

base::Result<base::Secret, KeyError> decrypt_pem_body(std::string_view header, base::ByteView body,
                                                      const base::Secret& passphrase) {
  const std::optional<Encryption> encryption = read_header(header);
  if (!encryption) {
    return key_error(KeyError::Kind::kNotAKey,
                     "the private key says that it is encrypted, but its DEK-Info line is missing or broken");
  }
  std::optional<LegacyLibrary> legacy;  // outlives the cipher that is fetched from it
  CipherPtr cipher(EVP_CIPHER_fetch(nullptr, encryption->cipher.c_str(), nullptr));
  if (!cipher) {
    legacy.emplace();
    if (!legacy->usable()) return key_error(KeyError::Kind::kUnsupportedCipher, legacy_needed_message());
    cipher.reset(EVP_CIPHER_fetch(legacy->get(), encryption->cipher.c_str(), nullptr));
  }
  ERR_clear_error();
  if (!cipher || EVP_CIPHER_get_mode(cipher.get()) != EVP_CIPH_CBC_MODE) {
    return key_error(KeyError::Kind::kUnsupportedCipher, unsupported_cipher_message());
  }
  if (encryption->vector.size() < kSaltSize ||
      encryption->vector.size() != static_cast<std::size_t>(EVP_CIPHER_get_iv_length(cipher.get()))) {
    return key_error(KeyError::Kind::kNotAKey, "the private key's DEK-Info line is cut short or broken");
  }
  std::optional<base::Secret> plain = decrypt(*cipher, encryption->vector, body, passphrase);
  if (!plain) return key_error(KeyError::Kind::kPassphraseIncorrect, wrong_passphrase_message());
  return *std::move(plain);
}

}  // namespace tlswarden::pki

#include "pki/java_key_protector.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "pki/openssl.hpp"

namespace tlswarden::pki {
namespace {

using EncryptedKeyPtr = std::unique_ptr<X509_SIG, Releaser<X509_SIG_free>>;
using ObjectPtr = std::unique_ptr<ASN1_OBJECT, Releaser<ASN1_OBJECT_free>>;
using ParametersPtr = std::unique_ptr<PBEPARAM, Releaser<PBEPARAM_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, Releaser<EVP_MD_CTX_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, Releaser<EVP_CIPHER_CTX_free>>;

constexpr const char* kKeyStream = "1.3.6.1.4.1.42.2.17.1.1";
constexpr const char* kTripleDes = "1.3.6.1.4.1.42.2.19.1";
constexpr std::size_t kSha1Size = 20;
constexpr std::size_t kMd5Size = 16;
constexpr std::size_t kHalfSalt = 4;
constexpr std::size_t kDesKeySize = 24;
constexpr std::size_t kDesBlockSize = 8;

void append_unit(base::Bytes& text, std::uint32_t unit) {
  text.push_back(static_cast<std::uint8_t>(unit >> 8U));
  text.push_back(static_cast<std::uint8_t>(unit & 0xFFU));
}

base::ByteView bytes_of(const ASN1_STRING& text) {
  return {ASN1_STRING_get0_data(&text), static_cast<std::size_t>(std::max(0, ASN1_STRING_length(&text)))};
}

/// The digest of two pieces, of which `into` may be one; false where OpenSSL has no such digest.
bool hash(const EVP_MD* digest, base::ByteView first, base::ByteView second, base::Bytes& into) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> value{};
  unsigned int size = 0;
  if (!context || EVP_DigestInit_ex(context.get(), digest, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), first.data(), first.size()) != 1 ||
      EVP_DigestUpdate(context.get(), second.data(), second.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), value.data(), &size) != 1) {
    return false;
  }
  into.assign(value.begin(), value.begin() + size);
  base::wipe_memory(value.data(), value.size());
  return true;
}

/// What hashing this password so many times costs: a long one costs as much as several rounds.
std::uint64_t cost_of(std::uint64_t rounds, std::string_view password) {
  constexpr std::size_t kBlock = 64;  // of MD5 and SHA-1
  const std::uint64_t blocks = 1 + 2 * password.size() / kBlock;
  return rounds > KdfBudget::kIterations ? rounds : rounds * blocks;
}

/// salt (20) | key XOR stream | SHA-1(password, key); each piece of the stream is SHA-1(password, the one
/// before), and the first one before is the salt.
std::optional<base::Secret> open_key_stream(base::ByteView content, std::string_view password,
                                            KdfBudget& budget) {
  if (content.size() < 2 * kSha1Size) return std::nullopt;
  if (!budget.spend(cost_of(content.size() / kSha1Size, password))) return std::nullopt;
  const base::Secret hashed = java_password(password);
  const base::ByteView body = content.subspan(kSha1Size, content.size() - 2 * kSha1Size);
  base::Bytes piece(content.begin(), content.begin() + kSha1Size);
  base::Bytes plain(body.begin(), body.end());
  for (std::size_t at = 0; at < plain.size(); ++at) {
    if (at % kSha1Size == 0 && !hash(EVP_sha1(), hashed.bytes(), piece, piece)) return std::nullopt;
    plain[at] ^= piece[at % kSha1Size];
  }
  base::Secret key(std::move(plain));
  base::Bytes check;
  if (!hash(EVP_sha1(), hashed.bytes(), key.bytes(), check)) return std::nullopt;
  if (CRYPTO_memcmp(check.data(), content.last(kSha1Size).data(), kSha1Size) != 0) return std::nullopt;
  return key;
}

/// Key and initialisation vector, one after the other.
std::optional<base::Secret> derive_triple_des(base::ByteView salt, std::uint64_t rounds,
                                              std::string_view password) {
  base::Bytes mixed(salt.begin(), salt.end());
  if (std::equal(mixed.begin(), mixed.begin() + kHalfSalt, mixed.begin() + kHalfSalt)) {
    // Equal halves would give equal keys. Sun meant to reverse the first one; what its code does is this.
    const std::array<std::uint8_t, kHalfSalt> half{mixed[3], mixed[0], mixed[1], mixed[3]};
    std::copy(half.begin(), half.end(), mixed.begin());
  }
  base::Bytes ascii(password.begin(), password.end());
  std::for_each(ascii.begin(), ascii.end(), [](std::uint8_t& c) { c &= 0x7FU; });
  const base::Secret hashed(std::move(ascii));
  base::Bytes derived;
  for (const std::size_t half : {std::size_t{0}, kHalfSalt}) {
    base::Bytes piece(mixed.begin() + static_cast<std::ptrdiff_t>(half),
                      mixed.begin() + static_cast<std::ptrdiff_t>(half + kHalfSalt));
    for (std::uint64_t i = 0; i < rounds; ++i) {
      if (!hash(EVP_md5(), piece, hashed.bytes(), piece)) return std::nullopt;
    }
    derived.insert(derived.end(), piece.begin(),
                   piece.begin() + static_cast<std::ptrdiff_t>(std::min(piece.size(), kMd5Size)));
    base::wipe_memory(piece.data(), piece.size());
  }
  return base::Secret(std::move(derived));
}

std::optional<base::Secret> open_triple_des(const X509_ALGOR& scheme, base::ByteView content,
                                            std::string_view password, KdfBudget& budget) {
  const void* value = nullptr;
  int type = V_ASN1_UNDEF;
  X509_ALGOR_get0(nullptr, &type, &value, &scheme);
  if (type != V_ASN1_SEQUENCE || value == nullptr) return std::nullopt;
  const ParametersPtr parameters(static_cast<PBEPARAM*>(
      ASN1_item_unpack(static_cast<const ASN1_STRING*>(value), ASN1_ITEM_rptr(PBEPARAM))));
  std::uint64_t rounds = 0;
  if (!parameters || ASN1_INTEGER_get_uint64(&rounds, parameters->iter) != 1 || rounds == 0)
    return std::nullopt;
  const base::ByteView salt = bytes_of(*parameters->salt);
  if (salt.size() != 2 * kHalfSalt ||
      !budget.spend(2 * std::min(cost_of(rounds, password), KdfBudget::kIterations)))
    return std::nullopt;
  const auto derived = derive_triple_des(salt, rounds, password);
  if (!derived || derived->bytes().size() != kDesKeySize + kDesBlockSize) return std::nullopt;
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  const unsigned char* key = derived->bytes().data();
  base::Bytes plain(content.size() + kDesBlockSize);
  int size = 0;
  int rest = 0;
  const bool done =
      context &&
      EVP_DecryptInit_ex2(context.get(), EVP_des_ede3_cbc(), key, key + kDesKeySize, nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), plain.data(), &size, content.data(),
                        static_cast<int>(content.size())) == 1 &&
      EVP_DecryptFinal_ex(context.get(), plain.data() + size, &rest) == 1;
  const base::Secret whole(std::move(plain));
  if (!done) return std::nullopt;
  return base::Secret(
      whole.reveal().substr(0, static_cast<std::size_t>(size) + static_cast<std::size_t>(rest)));
}

}  // namespace

base::Secret java_password(std::string_view password) {
  base::Bytes units;
  units.reserve(2 * password.size());
  const auto* data = reinterpret_cast<const unsigned char*>(password.data());
  for (std::size_t at = 0; at < password.size();) {
    unsigned long character = 0;
    const int taken =
        UTF8_getc(data + at, static_cast<int>(std::min<std::size_t>(password.size() - at, 6)), &character);
    if (taken <= 0 || character > 0x10FFFF) {
      append_unit(units, data[at++]);
      continue;
    }
    at += static_cast<std::size_t>(taken);
    if (character < 0x10000) {
      append_unit(units, static_cast<std::uint32_t>(character));
    } else {
      const auto above = static_cast<std::uint32_t>(character - 0x10000);
      append_unit(units, 0xD800U + (above >> 10U));
      append_unit(units, 0xDC00U + (above & 0x3FFU));
    }
  }
  return base::Secret(std::move(units));
}

std::optional<base::Secret> open_java_key(base::ByteView encrypted, std::string_view password,
                                          KdfBudget& budget) {
  const unsigned char* position = encrypted.data();
  ERR_clear_error();
  const EncryptedKeyPtr parsed(d2i_X509_SIG(nullptr, &position, static_cast<long>(encrypted.size())));
  std::optional<base::Secret> key;
  if (parsed) {
    const X509_ALGOR* scheme = nullptr;
    const ASN1_OCTET_STRING* content = nullptr;
    X509_SIG_get0(parsed.get(), &scheme, &content);
    const ASN1_OBJECT* used = nullptr;
    X509_ALGOR_get0(&used, nullptr, nullptr, scheme);
    const auto is = [used](const char* name) {
      const ObjectPtr object(OBJ_txt2obj(name, 1));
      return object && OBJ_cmp(object.get(), used) == 0;
    };
    if (is(kKeyStream)) key = open_key_stream(bytes_of(*content), password, budget);
    if (is(kTripleDes)) key = open_triple_des(*scheme, bytes_of(*content), password, budget);
  }
  ERR_clear_error();
  return key;
}

}  // namespace tlswarden::pki

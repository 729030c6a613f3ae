#include "pki/content_digest.hpp"

#include <array>
#include <cstdint>
#include <memory>

#include "pki/openssl.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kDigestSize = 32;
using Salt = std::array<std::uint8_t, kDigestSize>;

const Salt& salt() {
  static const Salt drawn = [] {
    Salt fresh{};
    // Without randomness a fixed salt still keeps digests apart.
    if (RAND_bytes(fresh.data(), static_cast<int>(fresh.size())) != 1) fresh.fill(0);
    return fresh;
  }();
  return drawn;
}

}  // namespace

std::string content_digest(base::ByteView content) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string digest(kDigestSize, '\0');
  const Salt& seed = salt();
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  EVP_DigestUpdate(context.get(), seed.data(), seed.size());
  EVP_DigestUpdate(context.get(), content.data(), content.size());
  EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

}  // namespace tlswarden::pki

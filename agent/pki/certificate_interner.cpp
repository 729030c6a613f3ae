#include "pki/certificate_interner.hpp"

#include <string>
#include <utility>

#include "pki/lru_map.hpp"
#include "pki/openssl_support.hpp"

namespace tlswarden::pki {
namespace {

constexpr int kMaxServed = 64;

}  // namespace

struct CertificateInterner::Impl {
  explicit Impl(std::size_t capacity) : known(capacity) {}
  LruMap<CertificatePtr> known;
  std::size_t parsed = 0;
};

CertificateInterner::CertificateInterner(std::size_t capacity) : impl_(std::make_unique<Impl>(capacity)) {}
CertificateInterner::~CertificateInterner() = default;
CertificateInterner::CertificateInterner(CertificateInterner&&) noexcept = default;
CertificateInterner& CertificateInterner::operator=(CertificateInterner&&) noexcept = default;

base::Result<CertificatePtr> CertificateInterner::intern(base::ByteView der) {
  const std::string fingerprint = sha256_hex(der);
  if (const CertificatePtr* known = impl_->known.find(fingerprint)) return *known;
  base::Result<CertificatePtr> certificate = parse_certificate(der);
  if (certificate) {
    ++impl_->parsed;
    impl_->known.put(fingerprint, *certificate);
  }
  return certificate;
}

base::Result<Chain> CertificateInterner::intern(const STACK_OF(X509) * served) {
  const int count = served != nullptr ? sk_X509_num(served) : 0;
  if (count > kMaxServed) {
    return base::fail("the server sent " + std::to_string(count) + " certificates; at most " +
                      std::to_string(kMaxServed) + " are read");
  }
  Chain chain;
  for (int i = 0; i < count; ++i) {
    unsigned char* encoded = nullptr;
    const int size = i2d_X509(sk_X509_value(served, i), &encoded);
    const std::unique_ptr<unsigned char, Releaser<release_openssl_memory>> owner(encoded);
    auto certificate = intern(base::ByteView(encoded, size > 0 ? static_cast<std::size_t>(size) : 0));
    if (!certificate) {
      return base::fail("certificate " + std::to_string(i + 1) +
                        " of the served chain: " + certificate.error().message);
    }
    chain.push_back(*std::move(certificate));
  }
  return chain;
}

std::size_t CertificateInterner::parsed() const {
  return impl_->parsed;
}

}  // namespace tlswarden::pki

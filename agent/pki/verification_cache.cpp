#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "pki/chain_verifier.hpp"
#include "pki/lru_map.hpp"
#include "pki/openssl_support.hpp"
#include "pki/prepared_store.hpp"
#include "pki/verification.hpp"

namespace tlswarden::pki {
namespace {

constexpr std::size_t kMaxPreparedStores = 64;

/// The span of time around an instant in which no date of any certificate passes: [from, until).
struct Span {
  base::WallTime from = base::WallTime::min();
  base::WallTime until = base::WallTime::max();

  bool holds(base::WallTime at) const { return from <= at && at < until; }

  /// OpenSSL calls a certificate valid from the second of notBefore and expired from the second of notAfter.
  void narrow(const Chain& certificates, base::WallTime at) {
    for (const CertificatePtr& certificate : certificates) {
      narrow(certificate->facts.not_before, at);
      narrow(certificate->facts.not_after, at);
    }
  }

  void narrow(base::WallTime date, base::WallTime at) {
    if (date <= at) {
      from = std::max(from, date);
    } else {
      until = std::min(until, date);
    }
  }
};

struct Remembered {
  ChainVerification verification;
  Span valid;
};

std::string key_of(const Chain& served, const TrustStore& store, Purpose purpose) {
  std::string key(purpose == Purpose::kServer ? "s" : "c");
  key += store.fingerprint;
  // Only the system's store is judged differently from a declared bundle of the same content.
  key += store.system ? "s" : "d";
  for (const CertificatePtr& certificate : served)
    key += certificate->facts.sha256;
  return key;
}

}  // namespace

struct VerificationCache::Impl {
  explicit Impl(std::size_t capacity) : entries(capacity), names(capacity), staples(capacity) {}

  const PreparedStore& prepare(const TrustStore& store) {
    const std::string key = store.fingerprint + (store.system ? "s" : "d");
    if (const auto* known = stores.find(key)) return **known;
    return *stores.put(key, std::make_unique<PreparedStore>(store));
  }

  LruMap<Remembered> entries;
  LruMap<NameMatch> names;
  LruMap<Staple> staples;
  LruMap<std::unique_ptr<PreparedStore>> stores{kMaxPreparedStores};
  std::size_t hits = 0, misses = 0;
};

VerificationCache::VerificationCache(std::size_t capacity) : impl_(std::make_unique<Impl>(capacity)) {}
VerificationCache::~VerificationCache() = default;
VerificationCache::VerificationCache(VerificationCache&&) noexcept = default;
VerificationCache& VerificationCache::operator=(VerificationCache&&) noexcept = default;

const ChainVerification& VerificationCache::verify(const Chain& served, const TrustStore& store,
                                                   Purpose purpose, base::WallTime at) {
  const std::string key = key_of(served, store, purpose);
  if (const Remembered* known = impl_->entries.find(key); known != nullptr && known->valid.holds(at)) {
    ++impl_->hits;
    return known->verification;
  }
  ++impl_->misses;
  Remembered fresh;
  fresh.verification = verify_with(served, impl_->prepare(store), purpose, at);
  fresh.valid.narrow(served, at);
  fresh.valid.narrow(store.anchors, at);
  for (const base::WallTime date : fresh.verification.revocation.dates)
    fresh.valid.narrow(date, at);
  return impl_->entries.put(key, std::move(fresh)).verification;
}

const NameMatch& VerificationCache::match_name(const Certificate& leaf, std::string_view name,
                                               NamePolicy policy) {
  const std::string key = leaf.facts.sha256 + std::to_string(static_cast<int>(policy)) + std::string(name);
  if (const NameMatch* known = impl_->names.find(key)) return *known;
  return impl_->names.put(key, pki::match_name(leaf, name, policy));
}

const Staple& VerificationCache::staple(base::ByteView response, const Certificate& subject,
                                        const Certificate& issuer) {
  const std::string key = sha256_hex(response) + subject.facts.sha256 + issuer.facts.sha256;
  if (const Staple* known = impl_->staples.find(key)) return *known;
  return impl_->staples.put(key, examine_staple(response, subject, issuer));
}

std::size_t VerificationCache::hits() const {
  return impl_->hits;
}
std::size_t VerificationCache::misses() const {
  return impl_->misses;
}

}  // namespace tlswarden::pki

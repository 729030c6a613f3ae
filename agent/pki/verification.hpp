#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "pki/certificate.hpp"
#include "pki/trust_store.hpp"

namespace tlswarden::pki {

enum class Purpose { kServer, kClient };

/// What is wrong with a path; several may hold at once. Order: most fundamental first.
enum class ChainFault {
  kNoCertificate,
  kSelfSignedLeaf,     ///< X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
  kSelfSignedInChain,  ///< X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: the served root is not in the store
  kIncompleteChain,  ///< the issuer of the last served certificate is missing, and an AIA or the store tells
                     ///< why: an intermediate was not sent
  kUnknownIssuer,    ///< the chain is complete as sent but ends at an issuer that the store lacks
  kBadSignature,     ///< a signature in the path does not verify
  kLeafExpired,
  kLeafNotYetValid,
  kIntermediateExpired,  ///< expired or not yet valid
  kAnchorExpired,
  kWrongPurpose,  ///< extendedKeyUsage or keyUsage forbids this use
  kNotACa,        ///< an issuer in the path is no CA, or a path length or name constraint is violated
  kOther,         ///< anything else; `detail` holds OpenSSL's words
};

/// The outcome of verifying one served chain against one trust store at one instant. Plain data.
struct ChainVerification {
  std::vector<ChainFault> faults;  ///< empty: the chain verifies
  std::string detail;              ///< OpenSSL's own words for the first fault; empty when none
  int openssl_error = 0;           ///< X509_V_ERR_* of the first fault
  /// The path that was built, leaf first, anchor last if one was reached.
  Chain path;
  bool anchored = false;  ///< path ends in the trust store
  /// True when the path needs an intermediate that the server did not send but the declared store happens to
  /// hold.
  bool intermediate_from_store = false;
  bool ok() const { return faults.empty(); }
  bool has(ChainFault fault) const;
};

/// Builds and verifies a path for `served` (leaf first, rest in any order) at `at`, gathering every fault
/// rather than stopping at the first. Security level 0: key and digest strength are judged from the facts,
/// not here. A trust store may anchor a path at a non-root (X509_V_FLAG_PARTIAL_CHAIN is off, as in libpq and
/// Connector/C). Pure but for CPU time; safe from any thread.
ChainVerification verify_chain(const Chain& served, const TrustStore& store, Purpose purpose,
                               base::WallTime at);

/// Remembers verify_chain by (chain, store, purpose) for as long as no date in it passes, so an unchanged
/// chain costs nothing at the next check. One per worker thread; not thread-safe. Bounded: the least recently
/// used entry goes.
class VerificationCache {
 public:
  explicit VerificationCache(std::size_t capacity = 4096);
  ~VerificationCache();
  VerificationCache(VerificationCache&&) noexcept;
  VerificationCache& operator=(VerificationCache&&) noexcept;

  const ChainVerification& verify(const Chain& served, const TrustStore& store, Purpose purpose,
                                  base::WallTime at);
  std::size_t hits() const;
  std::size_t misses() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::pki

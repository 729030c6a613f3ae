#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "pki/certificate.hpp"
#include "pki/name_match.hpp"
#include "pki/ocsp_staple.hpp"
#include "pki/revocation.hpp"
#include "pki/trust_store.hpp"

namespace tlswarden::pki {

enum class Purpose { kServer, kClient };

/// What is wrong with a path; several may hold at once. Order: most fundamental first.
///
/// A missing issuer is one thing to OpenSSL ("unable to get local issuer certificate") and two to people: a
/// server that does not send its intermediate, or a trust store that lacks the CA. The evidence, in this
/// order:
/// 1. the store has a certificate of the missing issuer's name (with another key): kUnknownIssuer;
/// 2. the path ends at a certificate of the store itself, which lacks that one's issuer: kUnknownIssuer;
/// 3. authorityKeyIdentifier names the issuer's issuer: the issuer itself, so it is a root: kUnknownIssuer;
/// another
///    name, so it is an intermediate: kIncompleteChain;
/// 4. the path holds an intermediate that the server sent: kUnknownIssuer, what is missing is the root;
/// 5. the server sent certificates that do not connect to the leaf, or the leaf says where its issuer can be
/// fetched
///    (authorityInfoAccess caIssuers): kIncompleteChain;
/// 6. the missing issuer and an anchor bear the same organisation or, where one of them bears none and the
/// store is a
///    declared bundle, share a distinctive word of their common names: kIncompleteChain; else kUnknownIssuer.
/// 4 to 6 are likelihoods: ChainVerification::hint names the other possibility too.
enum class ChainFault {
  kNoCertificate,
  kSelfSignedLeaf,     ///< X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
  kSelfSignedInChain,  ///< X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: the served root is not in the store
  kIncompleteChain,    ///< an intermediate was not sent
  kUnknownIssuer,      ///< the chain is complete as sent but ends at an issuer that the store lacks
  kBadSignature,       ///< a signature in the path does not verify
  kLeafExpired,
  kLeafNotYetValid,
  kIntermediateExpired,  ///< expired or not yet valid
  kAnchorExpired,
  kWrongPurpose,  ///< extendedKeyUsage or keyUsage forbids this use
  kNotACa,        ///< an issuer in the path is no CA, or a path length or name constraint is violated
  kOther,         ///< anything else; `evidence` holds OpenSSL's words
};

/// What a CA of the path does not keep to where it may not issue what is below it.
enum class IssuerRule { kMayIssue, kPathLength, kNames };

/// What OpenSSL says of one fault.
struct FaultEvidence {
  std::string detail;       ///< its own words
  CertificatePtr concerns;  ///< the certificate of the path that they are about; null where that is not known
  IssuerRule rule = IssuerRule::kMayIssue;  ///< of kNotACa: of kNames concerns what is below the CA
};

/// The outcome of verifying one served chain against one trust store at one instant. Plain data.
struct ChainVerification {
  std::vector<ChainFault> faults;       ///< empty: the chain verifies
  std::vector<FaultEvidence> evidence;  ///< of each of `faults`; not of those that kept OpenSSL from starting
  std::string detail;                   ///< OpenSSL's own words for the first fault; empty when none
  int openssl_error = 0;                ///< X509_V_ERR_* of the first fault
  /// For kIncompleteChain and kUnknownIssuer: the name of the certificate that is missing, and a sentence on
  /// what the evidence says and what else it could be.
  std::string missing_issuer, hint;
  /// The path that was built, leaf first, anchor last if one was reached.
  Chain path;
  bool anchored = false;  ///< path ends in the trust store; also where a date or a signature is wrong
  /// True when the path needs an intermediate that the server did not send but the declared store happens to
  /// hold.
  bool intermediate_from_store = false;
  /// What the store's revocation lists say of the path. No fault: clients look at them only when told to.
  RevocationCheck revocation;
  bool ok() const { return faults.empty(); }
  bool has(ChainFault fault) const;
};

/// Builds and verifies a path for `served` (leaf first, rest in any order) at `at`, gathering every fault
/// rather than stopping at the first. Security level 0: key and digest strength are judged from the facts,
/// not here. A path must end at a self-signed certificate of the store: an intermediate there helps
/// to build it but is no anchor (X509_V_FLAG_PARTIAL_CHAIN is off, as in libpq and Connector/C). Reads every
/// anchor anew, about 0.1 ms each: use a VerificationCache where that matters. Pure but for CPU time; safe
/// from any thread.
ChainVerification verify_chain(const Chain& served, const TrustStore& store, Purpose purpose,
                               base::WallTime at);

/// Remembers verify_chain by (chain, store, purpose) for as long as no date of any certificate or revocation
/// list involved passes, so an unchanged chain costs nothing at the next check. Keeps the stores prepared as
/// well. One per worker thread; not thread-safe. Bounded: the least recently used entry goes.
class VerificationCache {
 public:
  explicit VerificationCache(std::size_t capacity = 4096);
  ~VerificationCache();
  VerificationCache(VerificationCache&&) noexcept;
  VerificationCache& operator=(VerificationCache&&) noexcept;

  /// The reference is good until the next call.
  const ChainVerification& verify(const Chain& served, const TrustStore& store, Purpose purpose,
                                  base::WallTime at);
  /// pki::match_name, remembered. The reference is good until the next call.
  const NameMatch& match_name(const Certificate& leaf, std::string_view name, NamePolicy policy);
  /// pki::examine_staple, remembered. The reference is good until the next call.
  const Staple& staple(base::ByteView response, const Certificate& subject, const Certificate& issuer);

  /// Of verify() alone.
  std::size_t hits() const;
  std::size_t misses() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::pki

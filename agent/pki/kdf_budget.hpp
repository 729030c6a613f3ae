#pragma once

#include <cstdint>
#include <string>

#include "pki/openssl.hpp"

namespace tlswarden::pki {

/// What opening one file may cost. Whoever makes an encrypted file chooses how often its password is hashed
/// (RFC 8018 section 4.2), up to days of work; this bounds the sum over everything in the file to a few
/// seconds. Files of today's tools take 2,048 to 600,000 iterations. Not thread-safe.
class KdfBudget {
 public:
  static constexpr std::uint64_t kIterations = 5'000'000;
  static constexpr std::uint64_t kScryptMemory = 32UL * 1024 * 1024;

  /// Takes the cost of a key derivation off the budget; false, and nothing taken, where too little is left.
  bool spend(std::uint64_t iterations);
  /// The same for a PBES1, PKCS#12, PBES2 (PBKDF2 or scrypt) or PBMAC1 scheme. What is none of these, or
  /// cannot be read, costs nothing: OpenSSL refuses it.
  bool spend(const X509_ALGOR& scheme);
  /// For ASN.1 counts; absent is 1 (RFC 7292 appendix A), negative never fits.
  bool spend(const ASN1_INTEGER* iterations);

 private:
  std::uint64_t left_ = kIterations;
};

/// Ends a sentence such as "the private key…".
std::string over_budget_text();

}  // namespace tlswarden::pki

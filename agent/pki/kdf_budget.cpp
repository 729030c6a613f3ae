#include "pki/kdf_budget.hpp"

#include <limits>

namespace tlswarden::pki {
namespace {

using Pbes2Ptr = std::unique_ptr<PBE2PARAM, Releaser<PBE2PARAM_free>>;
using Pbkdf2Ptr = std::unique_ptr<PBKDF2PARAM, Releaser<PBKDF2PARAM_free>>;
using ScryptPtr = std::unique_ptr<SCRYPT_PARAMS, Releaser<SCRYPT_PARAMS_free>>;
using Pbes1Ptr = std::unique_ptr<PBEPARAM, Releaser<PBEPARAM_free>>;

constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();
/// A 64-byte block of scrypt is mixed twice, at about twice the price of an iteration of PBKDF2 over SHA-256.
constexpr std::uint64_t kScryptFactor = 4;
constexpr std::uint64_t kScryptBlock = 128;  // bytes of memory for each of N times r (RFC 7914 section 2)

/// Reads an algorithm's parameters as `Type`; null where they are something else.
template <class Pointer>
Pointer parameters(const X509_ALGOR& scheme, const ASN1_ITEM* item) {
  const void* value = nullptr;
  int type = V_ASN1_UNDEF;
  X509_ALGOR_get0(nullptr, &type, &value, &scheme);
  if (type != V_ASN1_SEQUENCE || value == nullptr) return nullptr;
  const auto* sequence = static_cast<const ASN1_STRING*>(value);
  return Pointer(static_cast<typename Pointer::pointer>(ASN1_item_unpack(sequence, item)));
}

int nid_of(const X509_ALGOR& scheme) {
  const ASN1_OBJECT* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, &scheme);
  return OBJ_obj2nid(object);
}

std::uint64_t count_of(const ASN1_INTEGER* number) {
  if (number == nullptr) return 1;
  std::uint64_t value = 0;
  return ASN1_INTEGER_get_uint64(&value, number) == 1 ? value : kEndless;
}

/// Kept from overflowing: endless once it is large.
std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  if (a == 0 || b == 0) return 0;
  return a > kEndless / b ? kEndless : a * b;
}

std::uint64_t derivation_cost(const X509_ALGOR& function) {
  switch (nid_of(function)) {
    case NID_id_pbkdf2: {
      const auto pbkdf2 = parameters<Pbkdf2Ptr>(function, ASN1_ITEM_rptr(PBKDF2PARAM));
      return pbkdf2 ? count_of(pbkdf2->iter) : 0;
    }
    case NID_id_scrypt: {
      const auto scrypt = parameters<ScryptPtr>(function, ASN1_ITEM_rptr(SCRYPT_PARAMS));
      if (!scrypt) return 0;
      const std::uint64_t blocks = product(count_of(scrypt->costParameter), count_of(scrypt->blockSize));
      // OpenSSL stops at this limit too, but in words that sound like a wrong password.
      if (blocks > KdfBudget::kScryptMemory / kScryptBlock) return kEndless;
      return product(kScryptFactor, product(blocks, count_of(scrypt->parallelizationParameter)));
    }
    default:
      return 0;
  }
}

std::uint64_t cost_of(const X509_ALGOR& scheme) {
  const int nid = nid_of(scheme);
  // The parameters of PBMAC1 (RFC 8018 appendix A.5) have the shape of those of PBES2.
  if (nid == NID_pbes2 || nid == NID_pbmac1) {
    const auto pbes2 = parameters<Pbes2Ptr>(scheme, ASN1_ITEM_rptr(PBE2PARAM));
    return pbes2 && pbes2->keyfunc != nullptr ? derivation_cost(*pbes2->keyfunc) : 0;
  }
  const auto pbes1 = parameters<Pbes1Ptr>(scheme, ASN1_ITEM_rptr(PBEPARAM));
  return pbes1 ? count_of(pbes1->iter) : 0;
}

}  // namespace

bool KdfBudget::spend(std::uint64_t iterations) {
  if (iterations > left_) return false;
  left_ -= iterations;
  return true;
}

bool KdfBudget::spend(const X509_ALGOR& scheme) {
  const std::uint64_t cost = cost_of(scheme);
  ERR_clear_error();
  return spend(cost);
}

bool KdfBudget::spend(const ASN1_INTEGER* iterations) {
  const std::uint64_t cost = count_of(iterations);
  ERR_clear_error();
  return spend(cost);
}

std::string over_budget_text() {
  return "wants so much work for its password that opening it would take too long (the limit is " +
         std::to_string(KdfBudget::kIterations) + " iterations for a file, and 32 MiB for scrypt)";
}

}  // namespace tlswarden::pki

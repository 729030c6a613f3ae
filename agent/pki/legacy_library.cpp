#include "pki/legacy_library.hpp"

#include <algorithm>

namespace tlswarden::pki {

// The default provider must be loaded beside it by name: loading any provider explicitly switches the
// implicit default off.
LegacyLibrary::LegacyLibrary()
    : context_(OSSL_LIB_CTX_new()),
      standard_(OSSL_PROVIDER_load(context_.get(), "default")),
      legacy_(OSSL_PROVIDER_load(context_.get(), "legacy")) {
  ERR_clear_error();
}

bool says_unsupported(const std::vector<unsigned long>& errors) {
  const auto is_unsupported = [](unsigned long error) {
    const int reason = ERR_GET_REASON(error);
    if (reason == ERR_R_UNSUPPORTED) return true;
    if (ERR_GET_LIB(error) != ERR_LIB_EVP) return false;
    return reason == EVP_R_UNSUPPORTED_ALGORITHM || reason == EVP_R_UNKNOWN_PBE_ALGORITHM ||
           reason == EVP_R_UNSUPPORTED_CIPHER || reason == EVP_R_UNSUPPORTED_PRF ||
           reason == EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION || reason == EVP_R_UNKNOWN_CIPHER;
  };
  return std::any_of(errors.begin(), errors.end(), is_unsupported);
}

}  // namespace tlswarden::pki

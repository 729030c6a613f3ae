#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "pki/bundle.hpp"

namespace tlswarden::pki {

/// The parts that the readers of the several forms share.

inline constexpr std::size_t kMaxBundleCertificates = 4096;
inline constexpr std::size_t kMaxBundleLists = 256;

using Added = base::Result<void, BundleError>;

inline tl::unexpected<BundleError> invalid_bundle(std::string message) {
  return tl::unexpected<BundleError>(BundleError{BundleError::Kind::kInvalid, std::move(message)});
}
tl::unexpected<BundleError> password_required(const std::string& form);
tl::unexpected<BundleError> password_incorrect(const std::string& form);

/// Gathers what a bundle holds, within its limits.
class BundleBuilder {
 public:
  /// `name` says in the error which one it is: "certificate 3 (line 71)".
  Added add_certificate(base::ByteView der, const std::string& name);
  Added add_list(base::ByteView der, const std::string& name);
  /// The key of a store: unencrypted PKCS#8. Of several none is kept.
  void add_key(const base::Secret& pkcs8);

  std::size_t certificates() const { return bundle_.certificates.size(); }
  std::size_t lists() const { return bundle_.revocation_lists.size(); }
  std::size_t keys() const { return keys_; }

  /// With the key's certificate first; a key whose certificate is not there is left out. There must be a
  /// certificate; `form` says in the error what has none: "the PKCS#7 content".
  base::Result<Bundle, BundleError> finish(const std::string& form) &&;

 private:
  Bundle bundle_;
  std::size_t keys_ = 0;
};

}  // namespace tlswarden::pki

#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "pki/certificate.hpp"
#include "pki/private_key.hpp"
#include "pki/revocation_list.hpp"

namespace tlswarden::pki {

/// What a bundle holds.
struct Bundle {
  Chain certificates;  ///< in the order of the content
  RevocationLists revocation_lists{};
  /// The one private key of a key store with a certificate (PKCS#12, JKS); its certificate comes first in
  /// `certificates`. Null otherwise, and for PEM, where keys are skipped.
  PrivateKeyPtr key{};
};

/// Why a bundle could not be read.
struct BundleError {
  enum class Kind {
    kInvalid,            ///< not a bundle, broken, too large
    kPasswordRequired,   ///< a key store that opens with a password only, and none was given
    kPasswordIncorrect,  ///< wrong password, or altered: a key store's integrity check cannot tell which
  };
  Kind kind = Kind::kInvalid;
  std::string message;  ///< one sentence, with what to do
};

/// Certificates of a PEM bundle in file order (CERTIFICATE, X509 CERTIFICATE, TRUSTED CERTIFICATE; other
/// blocks and text around them are skipped). A broken block is an Error that names its number and line. No
/// certificate at all is an Error; content of another form (DER, PKCS#7, PKCS#12, JKS, a private key) is
/// recognised and the Error says which command converts it. At most 4 MiB.
base::Result<Bundle, BundleError> parse_bundle(base::ByteView content,
                                               const base::Secret* password = nullptr);

}  // namespace tlswarden::pki

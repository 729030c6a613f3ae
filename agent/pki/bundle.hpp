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

/// Reads trust material, in whatever form its content turns out to be (names of files say nothing):
///   PEM     CERTIFICATE, X509 CERTIFICATE, TRUSTED CERTIFICATE, X509 CRL, PKCS7 and CMS; other blocks, keys
///           among them, and text around them are skipped
///   DER     certificates and revocation lists, one behind the other
///   PKCS#7  SignedData, DER or BER
///   PKCS#12 with its MAC checked; one that opens without a password needs none
///   JKS and JCEKS: their SHA-1 digest is checked where a password is given. Without one the certificates,
///           which are not encrypted, are read unchecked, as keytool does, and keys are left out. A secret
///           key of JCEKS is an error: it is a Java object, and nothing says where it ends
/// and base64 of any of these that lost its BEGIN and END lines. Order and duplicates stay as they are.
/// A password that the form does not need is not looked at. A key that opens with another password than its
/// store, or one of several, or one whose certificate is not in the store, is left out.
///
/// Input is hostile: at most 4 MiB, 4096 certificates and 256 lists, and KdfBudget for hashing the password.
/// What cannot be read whole is one error that says where it is broken; what is something else is an error
/// that says what it is and what to do. Safe from any thread.
base::Result<Bundle, BundleError> parse_bundle(base::ByteView content,
                                               const base::Secret* password = nullptr);

}  // namespace tlswarden::pki

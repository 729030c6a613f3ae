#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "pki/bundle.hpp"
#include "pki/bundle_builder.hpp"

namespace tlswarden::pki {

/// The forms of trust material, one reader each; parse_bundle finds out which one is wanted. Content is
/// hostile; the caller has bounded its size. Safe from any thread.

/// PEM (RFC 7468): certificates, revocation lists and PKCS#7 in file order; other blocks are skipped.
base::Result<Bundle, BundleError> parse_pem_bundle(base::ByteView content);

/// DER certificates and revocation lists, one behind the other, and nothing else.
base::Result<Bundle, BundleError> parse_der_bundle(base::ByteView content);

/// The certificates and lists of a SignedData (RFC 2315 section 9.1, RFC 5652 section 5.1), in the order of
/// its sets; DER or BER. Its signatures, if it has any, are not looked at. `name` says in errors which one it
/// is.
Added read_pkcs7(base::ByteView content, const std::string& name, BundleBuilder& into);

/// PKCS#12 (RFC 7292), from any of its makers: its MAC is checked before anything is decrypted, where there
/// is one. Null and empty passwords are each tried in the two forms that its makers write them in.
base::Result<Bundle, BundleError> parse_pkcs12(base::ByteView content, const base::Secret* password);

/// JKS and JCEKS, versions 1 and 2.
base::Result<Bundle, BundleError> parse_java_keystore(base::ByteView content, const base::Secret* password);

}  // namespace tlswarden::pki

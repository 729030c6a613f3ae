#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "pki/certificate.hpp"

namespace tlswarden::pki {

/// Certificates of a PEM bundle in file order (CERTIFICATE, X509 CERTIFICATE, TRUSTED CERTIFICATE; other
/// blocks and text around them are skipped). A broken block is an Error that names its number and line. No
/// certificate at all is an Error; content of another form (DER, PKCS#7, PKCS#12, JKS, a private key) is
/// recognised and the Error says which command converts it. At most 4 MiB.
base::Result<Chain> parse_bundle(base::ByteView content);

}  // namespace tlswarden::pki

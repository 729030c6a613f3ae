#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "pki/certificate.hpp"

namespace tlswarden::drivers::postgresql {

/// PEM of one block, label as in RFC 7468: "CERTIFICATE", "PRIVATE KEY".
base::Secret to_pem(std::string_view label, base::ByteView der);
/// PEM of certificates, in order.
base::Bytes to_pem(const pki::Chain& chain);

}  // namespace tlswarden::drivers::postgresql

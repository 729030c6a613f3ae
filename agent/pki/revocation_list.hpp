#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace tlswarden::pki {

/// A certificate revocation list (RFC 5280 section 5): its DER and what it says of itself. Immutable; shared
/// freely between threads. Its signature has not been looked at.
struct RevocationList {
  base::Bytes der;
  std::string issuer;  ///< RFC 2253, as CertificateFacts::subject
  base::WallTime this_update{};
  std::optional<base::WallTime> next_update;  ///< none: it does not say until when it holds
  std::string sha256;                         ///< lower-case hexadecimal, of the DER
};
using RevocationListPtr = std::shared_ptr<const RevocationList>;
using RevocationLists = std::vector<RevocationListPtr>;

/// Reads one DER list. Input is hostile: at most 4 MiB, no trailing bytes.
base::Result<RevocationListPtr> parse_revocation_list(base::ByteView der);

}  // namespace tlswarden::pki

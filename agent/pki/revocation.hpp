#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "pki/certificate.hpp"

namespace tlswarden::pki {

/// A certificate of a path that its CA has taken back.
struct RevokedCertificate {
  CertificatePtr certificate;
  base::WallTime revoked_at{};
  std::string reason;  ///< in words, "key compromise"; empty where the CA gives none
};

/// A revocation list of a CA in the path that has been outlived by its own date.
struct StaleList {
  std::string issuer;
  base::WallTime next_update{};
};

/// A revocation list of a CA in the path that cannot be used, and why.
struct UnusableList {
  std::string issuer;
  std::string why;
};

/// What the revocation lists of a trust store say of a path. Plain data.
struct RevocationCheck {
  std::vector<RevokedCertificate> revoked;  ///< leaf first
  std::vector<StaleList> stale;             ///< whoever checks with them refuses the path
  std::vector<UnusableList> unusable;
  std::vector<base::WallTime> dates;  ///< at which the lists of this path begin and cease to hold
};

/// RFC 5280 section 5.3.1 in words; empty for "unspecified" and for what is no reason.
std::string revocation_reason(long code);

}  // namespace tlswarden::pki

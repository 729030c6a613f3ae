#pragma once

#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "pki/certificate.hpp"

namespace tlswarden::pki {

/// The OCSP response that a server stapled to its certificate (RFC 6066 section 8, RFC 6960). Plain data that
/// does not depend on the time of the look.
struct Staple {
  enum class Answer { kGood, kRevoked, kUnknown };

  /// Why it is not to be believed, a clause; empty when it can be read, speaks about the certificate and was
  /// signed by one who may.
  std::string problem;
  Answer answer = Answer::kUnknown;
  base::WallTime this_update{};
  std::optional<base::WallTime> next_update;     ///< none: newer news can be had at any time
  base::WallTime revoked_at{};                   ///< with kRevoked
  std::string revocation_reason;                 ///< in words; empty where none is given
  base::WallTime signer_from{}, signer_until{};  ///< when the certificate that signed it is valid
};

/// How far clocks may be apart.
constexpr base::Seconds kStapleSkew{300};

/// Reads a response about `subject`, which `issuer` issued. Its signer must be the issuer, or bear a
/// certificate of the issuer's for OCSP signing (RFC 6960 section 4.2.2.2). Input is hostile: at most 64 KiB,
/// of which at most 64 answers are looked at.
Staple examine_staple(base::ByteView response, const Certificate& subject, const Certificate& issuer);

/// Why the staple is not to be believed at `now`; empty if it is, apart from being stale.
std::string staple_problem(const Staple& staple, base::WallTime now);
/// Whether its own date has passed. Clients that look at staples refuse such a one.
bool is_stale(const Staple& staple, base::WallTime now);

}  // namespace tlswarden::pki

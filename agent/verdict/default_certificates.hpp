#pragma once

#include <optional>
#include <span>
#include <string>

#include "pki/certificate.hpp"

namespace tlswarden::verdict {

/// One entry of schema/default_certificates.yaml: a certificate that was made to have one at all. What is
/// unset is not looked at.
struct DefaultCertificate {
  std::string name;             ///< a noun with its article: "Debian's snakeoil certificate"
  std::string subject, issuer;  ///< parts of the RFC 2253 names; empty: any
  std::optional<bool> self_signed, ca;
  std::optional<int> days;     ///< from notBefore to notAfter
  bool only_its_name = false;  ///< the subject is a common name alone, and the only alternative name as well
  std::string source;          ///< where this is known from
};

/// Every one, from the embedded data. Lives as long as the program.
std::span<const DefaultCertificate> all_default_certificates();
/// The first that fits; null when the certificate is like none of them.
const DefaultCertificate* find_default_certificate(const pki::CertificateFacts& leaf);

}  // namespace tlswarden::verdict

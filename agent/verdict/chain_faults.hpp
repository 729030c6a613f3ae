#pragma once

#include "pki/verification.hpp"
#include "verdict/finding.hpp"

namespace tlswarden::verdict {

// What is wrong with a certificate of the path, whichever it is: each sentence names it, and says behind it
// what OpenSSL, whose words people find elsewhere, calls it.

/// pki::ChainFault::kBadSignature.
Finding signature_fault(const pki::FaultEvidence& evidence);

/// pki::ChainFault::kWrongPurpose: of the server's own certificate, or of a CA above it.
Finding purpose_fault(const pki::FaultEvidence& evidence, const pki::CertificateFacts& leaf);

/// pki::ChainFault::kNotACa.
Finding issuer_fault(const pki::FaultEvidence& evidence);

/// pki::ChainFault::kOther.
Finding other_fault(const pki::FaultEvidence& evidence);

}  // namespace tlswarden::verdict

#pragma once

#include "pki/certificate_interner.hpp"
#include "pki/verification.hpp"
#include "probe/prober.hpp"
#include "probe/tls_context.hpp"

namespace tlswarden::probe {

/// What all checks of one worker thread share.
struct Workshop {
  ProberServices services;
  TlsContexts contexts;
  pki::CertificateInterner certificates;
  pki::VerificationCache verifications;
};

}  // namespace tlswarden::probe

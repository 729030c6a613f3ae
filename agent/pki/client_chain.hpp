#pragma once

#include <string>
#include <vector>

#include "pki/certificate.hpp"

namespace tlswarden::pki {

/// How the certificates that a client sends hang together, told by names and signatures alone.
struct ClientChain {
  Chain path;           ///< from the leaf on, each issued by the next, wherever that stands in the file
  bool ordered = true;  ///< they also stand in that order (RFC 5246 section 7.4.2)
  Chain unrelated;      ///< those that took no part
  /// A certificate that bears the name of the last one's issuer, but did not sign it; null if there is none.
  CertificatePtr impostor;

  /// The last certificate's issuer is not among them: a root, which need not be sent, or an intermediate.
  bool open() const { return !path.empty() && !path.back()->facts.self_signed; }
};

/// Follows `chain`, whose first certificate is the leaf. Cheap: a signature check for each link.
ClientChain trace_client_chain(const Chain& chain);

}  // namespace tlswarden::pki

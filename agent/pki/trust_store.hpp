#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "pki/certificate.hpp"
#include "pki/revocation_list.hpp"

namespace tlswarden::pki {

/// Certificates that a chain may end at. Immutable; shared between endpoints and threads.
struct TrustStore {
  Chain anchors;                     ///< every certificate of the bundle; intermediates help path building
  RevocationLists revocation_lists;  ///< that came in the bundle
  bool system = false;               ///< the machine's own store rather than a declared bundle
  std::string fingerprint;  ///< SHA-256 over the fingerprints of all it holds: equal stores compare equal
  std::string origin;       ///< for messages: "the system trust store", "Secret orders-ca, key ca.crt"
};
using TrustStorePtr = std::shared_ptr<const TrustStore>;

TrustStorePtr make_trust_store(Chain anchors, std::string origin, RevocationLists revocation_lists = {});

/// The machine's store: SSL_CERT_FILE and SSL_CERT_DIR when set, else OpenSSL's built-in locations, read once
/// per call. Unreadable entries are skipped; an entirely empty store is an Error naming the places that were
/// looked at.
base::Result<TrustStorePtr> load_system_trust_store();

}  // namespace tlswarden::pki

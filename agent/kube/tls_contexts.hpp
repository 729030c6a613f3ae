#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "kube/client_certificate.hpp"
#include "kube/cluster_access.hpp"
#include "pki/openssl.hpp"

namespace tlswarden::kube {

/// One setting of TLS towards the API server; immutable, shared between connections.
struct TlsSetting {
  std::shared_ptr<SSL_CTX> context;
  std::string server_name;  ///< sent as SNI unless it is an address, and what the certificate must be for
  bool verify = true;
  IdentityPtr identity;
};
using TlsSettingPtr = std::shared_ptr<const TlsSetting>;

/// Makes TLS settings; a new one only when the CA bundle or the client certificate changed. The bundle's file
/// is read again every 5 minutes; what cannot be read or parsed leaves the last good one in place. Safe from
/// any thread.
class TlsContexts {
 public:
  /// `clock` must outlive this object.
  TlsContexts(const ClusterAccess& access, const base::Clock& clock);

  /// The same pointer as before while nothing changed. Error: there never was a usable bundle.
  base::Result<TlsSettingPtr> current(const IdentityPtr& identity);

 private:
  base::Result<TlsSettingPtr> build(const base::Secret& bundle, const IdentityPtr& identity) const;

  const base::Clock& clock_;
  const std::string server_name_;
  const bool verify_, declared_;
  PemContent authority_;
  std::mutex mutex_;
  base::Secret known_bundle_;
  TlsSettingPtr setting_;
  std::string problem_;  ///< with the bundle as it is now; said once
};

/// Why the server's certificate was refused by this connection; empty when it was not.
std::string verification_problem(const SSL& connection);

}  // namespace tlswarden::kube

#pragma once

#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "kube/cancellation.hpp"
#include "kube/client_certificate.hpp"
#include "kube/cluster_access.hpp"
#include "kube/exec_credentials.hpp"
#include "kube/reloaded_file.hpp"

namespace tlswarden::kube {

/// What one request is authorised with; both empty: with nothing.
struct Grant {
  base::Secret token;
  IdentityPtr identity;
};

/// Who this client is to the API server, kept fresh: token files are read again every 50 seconds, client
/// certificates every 5 minutes, exec plugins run again at expiry. For a server at http:// there is never
/// anything to grant. Safe from any thread.
class Credentials {
 public:
  /// `clock` must outlive this object.
  Credentials(const ClusterAccess& access, const base::Clock& clock);

  base::Result<Grant> current(const Cancellation& cancellation);
  /// The server answered 401 to a request whose grant was taken at `moment`: what is not newer is dropped.
  void rejected(base::MonoTime moment);

 private:
  base::Secret static_token_;
  std::optional<ReloadedFile> token_file_;
  std::optional<ClientCertificate> certificate_;
  std::optional<ExecCredentials> exec_;
};

}  // namespace tlswarden::kube

#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "kube/cancellation.hpp"
#include "kube/client_certificate.hpp"
#include "kube/cluster_access.hpp"

namespace tlswarden::kube {

/// What an exec plugin printed (client.authentication.k8s.io/v1 ExecCredential.status).
struct ExecCredential {
  base::Secret token;    ///< empty: it gave a certificate alone
  IdentityPtr identity;  ///< null: it gave a token alone
  std::optional<base::WallTime> expires;
};

/// Reads what a plugin printed. Input is hostile: bounded by the caller. Error: it is no ExecCredential of
/// `api_version`, or has neither token nor certificate, or a certificate without its key.
base::Result<ExecCredential> parse_exec_credential(std::string_view printed, const std::string& api_version);

/// Runs a kubeconfig's plugin when its credential is needed: at first, after its expiry, and after a 401.
/// Safe from any thread; one that waits for another's run takes what that one brought.
class ExecCredentials {
 public:
  /// `cluster_info` is spec.cluster of KUBERNETES_EXEC_INFO; empty: not wanted. `clock` must outlive this.
  ExecCredentials(ExecPlugin plugin, const std::string& cluster_info, const base::Clock& clock);

  struct Current {
    base::Secret token;
    IdentityPtr identity;
  };
  base::Result<Current> current(const Cancellation& cancellation);
  /// What was obtained at or before `moment` is not to be used again.
  void distrust(base::MonoTime moment);

 private:
  base::Result<ExecCredential> run(const Cancellation& cancellation) const;

  const ExecPlugin plugin_;
  const std::string info_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::optional<ExecCredential> known_;
  IdentityPtr last_identity_;  ///< the same certificate keeps its pointer, and so its connections
  base::MonoTime obtained_{};
};

/// spec.cluster for `access`, as JSON text.
std::string exec_cluster_info(const ClusterAccess& access);

}  // namespace tlswarden::kube

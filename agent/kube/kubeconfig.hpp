#pragma once

#include <string>

#include "base/result.hpp"
#include "kube/cluster_access.hpp"
#include "kube/kubeconfig_files.hpp"

namespace tlswarden::kube {

/// What of the kubeconfig is meant, as kubectl's flags say it; empty: what the file says.
struct KubeconfigChoice {
  std::string context;  ///< --context
  std::string cluster;  ///< --cluster
  std::string user;     ///< --user
};

/// The access that the chosen context stands for. What this client does not do (proxies, impersonation, basic
/// authentication, auth-provider) is an Error rather than silently left out, as is everything that kubectl
/// refuses too. For a server at http:// the user is not looked at: no credential may go over it.
base::Result<ClusterAccess> load_kubeconfig(const KubeconfigPlaces& places, const KubeconfigChoice& choice);

}  // namespace tlswarden::kube

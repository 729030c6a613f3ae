#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "kube/cluster_access.hpp"

namespace tlswarden::kube {

/// What tells a process that it runs in a pod.
struct PodSurroundings {
  std::optional<std::string> host;  ///< KUBERNETES_SERVICE_HOST
  std::optional<std::string> port;  ///< KUBERNETES_SERVICE_PORT
  /// Where kubelet mounts token, ca.crt and namespace.
  std::string directory = "/var/run/secrets/kubernetes.io/serviceaccount";
};

/// Whether this looks like a pod at all: both variables are set.
bool in_cluster(const PodSurroundings& pod);
/// Access as the pod's own service account. Error: one of the variables or files is missing.
base::Result<ClusterAccess> in_cluster_access(const PodSurroundings& pod);

}  // namespace tlswarden::kube

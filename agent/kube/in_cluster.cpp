#include "kube/in_cluster.hpp"

#include "base/file_reader.hpp"
#include "base/text.hpp"

namespace tlswarden::kube {
namespace {

constexpr std::size_t kLargestNamespace = 256;

}  // namespace

bool in_cluster(const PodSurroundings& pod) {
  return pod.host && !pod.host->empty() && pod.port && !pod.port->empty();
}

base::Result<ClusterAccess> in_cluster_access(const PodSurroundings& pod) {
  if (!in_cluster(pod)) {
    return base::fail(
        "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not both set, so this is no pod; run in "
        "one, "
        "or use a kubeconfig");
  }
  const bool v6 = pod.host->find(':') != std::string::npos;
  auto server = parse_server_address("https://" + (v6 ? "[" + *pod.host + "]" : *pod.host) + ":" + *pod.port);
  if (!server) {
    return base::fail("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT make no address: " +
                      server.error().message);
  }
  ClusterAccess access;
  access.server = *server;
  access.authority.file = pod.directory + "/ca.crt";
  access.token_file = pod.directory + "/token";
  access.origin = "the pod's service account";
  // Both are read again later; that they are there at all is better said now.
  constexpr std::size_t kLargest = std::size_t{1} << 20U;
  for (const std::string& file : {access.authority.file, access.token_file}) {
    if (auto content = base::read_file(file, kLargest); !content) {
      return base::fail(content.error().message + "; the pod needs automountServiceAccountToken: true");
    }
  }
  if (auto ns = base::read_file(pod.directory + "/namespace", kLargestNamespace)) {
    access.ns = base::trimmed(ns->reveal());
  }
  return access;
}

}  // namespace tlswarden::kube

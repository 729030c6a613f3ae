#include "cli/cluster_connection.hpp"

namespace tlswarden::cli {

base::Result<std::unique_ptr<ClusterConnection>> ClusterConnection::open(const ClusterFlags& flags) {
  const auto access = cluster_access(flags);
  if (!access) return base::fail(access.error().message);
  return std::unique_ptr<ClusterConnection>(new ClusterConnection(*access));
}

ClusterConnection::ClusterConnection(const kube::ClusterAccess& access)
    : client_(access, {.user_agent = kube::user_agent(TLSWARDEN_VERSION)}, clock_, pause_, cancellation_),
      namespace_(access.ns.empty() ? "default" : access.ns) {}

}  // namespace tlswarden::cli

#include "cli/cluster_connection.hpp"

#include <ostream>

namespace tlswarden::cli {

base::Result<std::unique_ptr<ClusterConnection>> ClusterConnection::open(const ClusterFlags& flags,
                                                                         std::ostream& err) {
  const auto access = cluster_access(flags);
  if (!access) return base::fail(access.error().message);
  return std::unique_ptr<ClusterConnection>(new ClusterConnection(*access, err));
}

ClusterConnection::ClusterConnection(const kube::ClusterAccess& access, std::ostream& err)
    : warnings_([&err](const std::string& text) { err << "Warning: " << text << '\n'
                                                      << std::flush; }),
      client_(access,
              {.user_agent = kube::user_agent(TLSWARDEN_VERSION),
               .warned = [this](const std::string& text) { warnings_.take(text); }},
              clock_, pause_, cancellation_),
      namespace_(access.ns.empty() ? "default" : access.ns) {}

}  // namespace tlswarden::cli

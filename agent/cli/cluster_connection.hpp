#pragma once

#include <iosfwd>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cli/cluster_flags.hpp"
#include "kube/api_client.hpp"
#include "kube/cancellation.hpp"
#include "kube/server_warnings.hpp"

namespace tlswarden::cli {

/// A client of the API server that a verb's flags name, with all that it needs. Not to be moved: the client
/// refers to its neighbours.
class ClusterConnection {
 public:
  /// What the server warns of is shown on `err`, once, which outlives the connection. Error: the flags and
  /// the kubeconfig give no access.
  static base::Result<std::unique_ptr<ClusterConnection>> open(const ClusterFlags& flags, std::ostream& err);
  ClusterConnection(const ClusterConnection&) = delete;
  ClusterConnection& operator=(const ClusterConnection&) = delete;

  kube::ApiClient& client() { return client_; }
  kube::Cancellation& cancellation() { return cancellation_; }
  kube::Pause& pause() { return pause_; }
  const base::Clock& clock() const { return clock_; }
  /// The namespace of the context; "default" where it names none.
  const std::string& default_namespace() const { return namespace_; }

 private:
  ClusterConnection(const kube::ClusterAccess& access, std::ostream& err);

  base::SystemClock clock_;
  kube::SystemPause pause_;
  kube::Cancellation cancellation_;
  kube::DistinctWarnings warnings_;
  kube::ApiClient client_;
  const std::string namespace_;
};

}  // namespace tlswarden::cli

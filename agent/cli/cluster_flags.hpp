#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/result.hpp"
#include "kube/cluster_access.hpp"

namespace tlswarden::cli {

/// Which cluster is meant and as whom, by kubectl's flags. Empty: what the kubeconfig says.
struct ClusterFlags {
  std::string kubeconfig, context, cluster, user;
};

/// Adds --kubeconfig, --context, --cluster and --user to `verb`; `flags` must outlive the parsing.
void add_cluster_flags(CLI::App& verb, ClusterFlags& flags);

/// The access that the flags stand for, by kubectl's rules: --kubeconfig, else KUBECONFIG, else
/// ~/.kube/config; where none of these exists and this is a pod, its own service account. Error: none of them
/// gives one.
base::Result<kube::ClusterAccess> cluster_access(const ClusterFlags& flags);

}  // namespace tlswarden::cli

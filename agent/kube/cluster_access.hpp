#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/secret.hpp"
#include "kube/server_address.hpp"

namespace tlswarden::kube {

/// PEM that is given as it stands, or in a file that is read again now and then. At most one is set.
struct PemSource {
  base::Secret data;
  std::string file;
  bool declared() const { return !data.empty() || !file.empty(); }
};

/// A program that prints credentials (client.authentication.k8s.io ExecCredential).
struct ExecPlugin {
  std::string api_version;  ///< client.authentication.k8s.io/v1 or /v1beta1
  std::string command;      ///< a path, or a name to look up in PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to this process's own
  std::string install_hint;                                      ///< for the message when it is not found
  bool wants_cluster = false;                                    ///< provideClusterInfo
};

/// How a cluster is reached and as whom: what a kubeconfig's context, or a pod's service account, comes down
/// to. Plain data; files are named, not yet read.
struct ClusterAccess {
  ServerAddress server;
  PemSource authority;             ///< neither set: the machine's own trust store
  bool skip_verification = false;  ///< insecure-skip-tls-verify
  std::string tls_server_name;     ///< empty: the server's host
  PemSource client_certificate, client_key;
  base::Secret token;  ///< wins over token_file, which wins over exec
  std::string token_file;
  std::vector<ExecPlugin> exec;  ///< none or one
  std::string ns;                ///< the context's namespace; empty: none is set
  std::string origin;            ///< for messages: "context prod of /home/x/.kube/config"
};

}  // namespace tlswarden::kube

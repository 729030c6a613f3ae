#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cli/cluster_flags.hpp"

namespace tlswarden::cli {

/// What only a standalone agent is told.
struct StandaloneOptions {
  std::vector<std::string> manifests;  ///< directories that are watched; at least one
  std::string state = "tlswarden.db";  ///< the embedded store, relative to the working directory
};

/// What only an agent in a cluster is told. Empty texts stand for what the pod says of itself.
struct ClusterOptions {
  ClusterFlags access;
  std::vector<std::string> namespaces;    ///< whose endpoints are checked; none: those of all namespaces
  int replicas = 1;                       ///< how many share the work; 1 needs no Leases
  std::string identity;                   ///< this replica's name: POD_NAME, else the host's name
  std::string lease_namespace;            ///< POD_NAMESPACE, else the service account's or context's
  std::string lease_group = "tlswarden";  ///< the replicas that share the work
  std::string allowed_files;              ///< the directory below which `file` references may point
  double writes_per_second = 50;          ///< statuses and events; bursts of twice as many
};

/// The options of `tlswarden agent`, as given.
struct AgentOptions {
  bool kubernetes = false;  ///< `cluster` counts, otherwise `standalone`
  StandaloneOptions standalone;
  ClusterOptions cluster;
  std::string listen = "127.0.0.1:9464";  ///< HOST:PORT; port 0 takes a free one
  std::size_t workers = 0;                ///< threads that check; 0: one per processor, at most 8
  std::size_t max_checks = 256;           ///< checks under way at once, over all workers
  std::size_t max_checks_per_host = 4;    ///< of these, on one host
  std::string log_format = "text";        ///< text or json
  std::string log_level = "info";
  std::vector<std::string> expose_labels;  ///< keys of metadata.labels that metrics tell; at most 16
  base::Seconds grace{25};                 ///< how long SIGTERM waits for checks under way
};

/// Adds all options to `verb` and fills `options`, which must outlive the parsing.
void add_agent_options(CLI::App& verb, AgentOptions& options);

/// What CLI11 cannot say of a command line: neither home or both are named, or an option belongs to the other
/// one.
base::Result<void> check_agent_options(const CLI::App& verb, const AgentOptions& options);

}  // namespace tlswarden::cli

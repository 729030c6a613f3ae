#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reconcile/store.hpp"

namespace tlswarden::reconcile {

/// How this replica stands in its cluster at one moment, for metrics.
struct ClusterLoad {
  std::size_t endpoints = 0;       ///< in all namespaces that are looked at, whoever owns them
  std::size_t members = 1;         ///< replicas that share them, this one included; 0 while cut off
  bool leads = true;               ///< this replica does what is done once for all
  std::size_t pending_writes = 0;  ///< statuses that have not reached the server yet
  std::size_t references = 0;      ///< Secrets and ConfigMaps that are followed
  std::uint64_t lists = 0, watches = 0, watch_failures = 0;  ///< of all reflectors, since the start
  /// Of the namespaces that are named: whether the server forbids to follow their endpoints.
  std::map<std::string, bool> namespaces = {};
  /// Our words for what else keeps endpoints or Leases from being followed now; empty: nothing does.
  std::string problem = {};
};

/// One endpoint of the cluster and the status that the server holds for it.
struct StoredEndpoint {
  EndpointPtr endpoint;
  /// JSON, as resource::status_from_json reads it; null where none was written yet. The same pointer is the
  /// same status.
  std::shared_ptr<const std::string> status;
};

/// The whole fleet, for what is told once for all replicas. Safe from any thread.
class FleetSource {
 public:
  FleetSource() = default;
  FleetSource(const FleetSource&) = delete;
  FleetSource& operator=(const FleetSource&) = delete;
  virtual ~FleetSource() = default;
  /// Sorted by key. Copies pointers only.
  virtual std::vector<StoredEndpoint> fleet() const = 0;
};

}  // namespace tlswarden::reconcile

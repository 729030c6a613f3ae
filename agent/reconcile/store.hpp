#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "probe/observation.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::reconcile {

using EndpointPtr = std::shared_ptr<const resource::DatabaseEndpoint>;

/// Every endpoint of a store at one moment, by key. Immutable once shared; an endpoint that did not change
/// keeps its pointer from one set to the next. `metadata.generation` rises with every change of the spec,
/// `metadata.uid` differs between an endpoint and a later one of the same name; `status` is not filled in.
struct EndpointSet {
  std::map<std::string, EndpointPtr> endpoints;
};
using EndpointSetPtr = std::shared_ptr<const EndpointSet>;

/// What must outlive the process beside the status.
struct Memory {
  int consecutive_failures = 0;                          ///< as History counts them, capped at the threshold
  std::optional<probe::PlaintextObservation> plaintext;  ///< the last attempt that told something
  std::optional<probe::LegacyProtocolObservation> legacy_protocols;  ///< the last offer that told something
};

/// What a store keeps for one endpoint.
struct Record {
  resource::EndpointStatus status;
  Memory memory;
};

/// Where endpoints come from and where their status goes: the embedded store, or a cluster. All functions are
/// safe from any thread. Statuses of endpoints that are deleted vanish with them, without being asked.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  using Watcher = std::function<void(EndpointSetPtr)>;
  /// Calls `watcher` with the whole set once it is known (the first sync) and again after each change; never
  /// two calls at a time, from a thread of the store's own, until the store is destroyed. To be called once.
  /// `watcher` must not call back into watch() and should return soon.
  virtual void watch(Watcher watcher) = 0;

  /// What was last saved for this endpoint; nothing when it never was. Error: the store cannot be read.
  virtual base::Result<std::optional<Record>> load(const resource::DatabaseEndpoint& endpoint) = 0;
  /// Keeps `record`, durably against the death of this process: at once, or, where the home is reached over a
  /// network, as soon as it can be; of several records of one endpoint the last. Does nothing when the
  /// endpoint has been deleted or replaced meanwhile, or is no longer this process's to judge. Returns soon:
  /// it is called from event loops. Error: it could not be taken over; the caller tries again later.
  virtual base::Result<void> save(const resource::DatabaseEndpoint& endpoint, const Record& record) = 0;
};

}  // namespace tlswarden::reconcile

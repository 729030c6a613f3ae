#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "kube/api_client.hpp"
#include "kube/cancellation.hpp"
#include "kube/referenced_objects.hpp"
#include "reconcile/cluster_load.hpp"
#include "reconcile/event_sink.hpp"
#include "reconcile/metrics_sink.hpp"
#include "reconcile/ownership.hpp"
#include "reconcile/store.hpp"

namespace tlswarden::kube {

struct ClusterStoreOptions {
  std::vector<std::string> namespaces;  ///< whose endpoints; none: those of all namespaces
  std::size_t writers = 4;              ///< statuses under way at once
  /// Begin with a watch that sends what there is, where the server offers that
  /// (ReflectorOptions::watch_list): it need not hold the whole list in memory then.
  bool watch_list = false;
  /// Told what references point at, before an endpoint is published that refers to it or after it changed.
  std::function<void(const ObjectContentsPtr&)> contents_changed;
};

/// The cluster as the home of endpoints. Follows the DatabaseEndpoints, publishes those that this replica
/// owns once everything that they refer to is known, and writes their status by server-side apply.
///
/// save() takes a record over and returns at once: only the newest record of an endpoint is written, as soon
/// as the server can be reached and its write budget allows. A record is dropped when its endpoint was
/// deleted or replaced (another uid), or belongs to another replica by then. Each write names the
/// resourceVersion it is based on, so that nothing is written over what this replica has not seen: on a
/// conflict the object is looked at again, and with it whether the record is still ours to write. A status
/// that says what the server holds already is not sent.
///
/// An object that the agent cannot read as an endpoint, though the server let it in, is not published; its
/// status says what is wrong with it (Ready False, Stalled True), and an event does.
///
/// Of several namespaces those that may not be read are done without: what is in the others is published, and
/// what is in these as soon as the server lets them be read.
class ClusterStore final : public reconcile::Store, public reconcile::FleetSource {
 public:
  /// All but the options must outlive it. `cancellation` is the client's.
  struct Services {
    ApiClient& client;
    ReferencedObjects& references;
    reconcile::Ownership& ownership;
    reconcile::MetricsSink& metrics;
    reconcile::EventSink& events;
    const base::Clock& clock;
    base::Random& random;
    Pause& pause;
    Cancellation& cancellation;
  };
  ClusterStore(Services services, ClusterStoreOptions options);
  ~ClusterStore() override;

  /// The first set comes when all namespaces are listed but those that the server forbids to read; one at
  /// least is. It starts to follow references and ownership too.
  void watch(Watcher watcher) override;
  base::Result<std::optional<reconcile::Record>> load(const resource::DatabaseEndpoint& endpoint) override;
  base::Result<void> save(const resource::DatabaseEndpoint& endpoint,
                          const reconcile::Record& record) override;

  std::vector<reconcile::StoredEndpoint> fleet() const override;
  /// All but what its ownership knows (members, leads).
  reconcile::ClusterLoad load_now() const;

  /// Ends the following; when it returns, the watcher is not called any more. Records can still be saved.
  void stop();
  /// Waits until every record taken over is written or dropped, at most for `grace`, with the server asked
  /// without delay. Returns how many were left. To be called after stop(), once nothing saves any more.
  std::size_t flush(std::chrono::nanoseconds grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::kube

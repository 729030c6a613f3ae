#pragma once

#include <chrono>
#include <optional>

#include "reconcile/event_sink.hpp"
#include "reconcile/material_source.hpp"
#include "reconcile/store.hpp"
#include "serve/metrics.hpp"

namespace tlswarden::cli {

/// Where an agent's endpoints live, with everything that belongs to that place. The parts that it gives out
/// live as long as it does and are safe from any thread; its own functions are called from one.
class AgentHome {
 public:
  AgentHome() = default;
  AgentHome(const AgentHome&) = delete;
  AgentHome& operator=(const AgentHome&) = delete;
  virtual ~AgentHome() = default;

  virtual reconcile::Store& store() = 0;
  virtual reconcile::MaterialSource& materials() = 0;
  virtual reconcile::EventSink& events() = 0;

  /// Told of every set that the store publishes, from the store's thread: what is remembered of the material
  /// of other endpoints may go.
  virtual void published(const reconcile::EndpointSet& set) = 0;
  /// Looks for changes now, as SIGHUP asks.
  virtual void reread() = 0;
  /// When it returns, the store's watcher is not called any more.
  virtual void stop_watching() = 0;
  /// To be called when nothing is checked any more: brings out what is left, in at most `grace`, and leaves.
  virtual void finish(std::chrono::nanoseconds grace) = 0;

  /// From any thread.
  virtual std::optional<serve::Metrics::ClusterView> cluster() const = 0;
};

}  // namespace tlswarden::cli

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "reconcile/worker.hpp"

namespace tlswarden::reconcile {

/// All workers together. Endpoints are pinned to a worker by their key, so that what a worker remembers of
/// them (sessions, verified chains) stays where it is of use. Safe from any thread.
class Fleet {
 public:
  using ObserverFactory = std::function<std::unique_ptr<Observer>()>;

  /// Starts `workers` (at least 1) threads. `make_observer` is called once per worker, here.
  Fleet(const Worker::Services& services, std::size_t workers, const ObserverFactory& make_observer);

  /// Takes `set` over: what is new or changed is checked soon, what is missing is dropped. The board counts
  /// as synced once all workers have taken over the first set.
  void apply(const EndpointSetPtr& set);

  /// Lets the checks under way end, for at most `grace`, then cancels them. Returns whether all ended by
  /// themselves. Afterwards no status is written any more.
  bool stop(std::chrono::nanoseconds grace);

  /// The sum over all workers; next_due is the earliest.
  Load load() const;

 private:
  std::size_t worker_of(const std::string& key) const;

  Board& board_;
  std::mutex mutex_;
  EndpointSetPtr current_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace tlswarden::reconcile

#pragma once

#include <memory>
#include <string>

#include "kube/client_services.hpp"
#include "reconcile/event_sink.hpp"

namespace tlswarden::kube {

struct EventRecorderOptions {
  std::string instance;  ///< reportingInstance: the pod's name
};

/// Writes Kubernetes Events (events.k8s.io/v1), so that `kubectl describe` tells what happened to an
/// endpoint. What repeats itself becomes a series on one Event, as client-go's recorder has it
/// (event_series.hpp). Delivers from a thread of its own through a queue of 1000; what finds no room there,
/// is refused by the server (three times where the right is missing, for a server that has just started has
/// not read its roles), or is not taken by it in 30 tries (five minutes) is dropped, and counted in the log.
/// Every event is logged as well, as standalone.
class EventRecorder final : public reconcile::EventSink {
 public:
  using Services = ClientServices;
  EventRecorder(Services services, EventRecorderOptions options);
  ~EventRecorder() override;

  void record(const resource::DatabaseEndpoint& endpoint, const reconcile::Event& event) override;

  /// Delivers what is queued, for at most `grace` and without trying again; events that come later are only
  /// logged. Idempotent; not to be called from two threads at a time.
  void stop(std::chrono::nanoseconds grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlswarden::kube

#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "probe/observation.hpp"
#include "resource/engine.hpp"

namespace tlswarden::reconcile {

/// A check that came to its end.
struct CheckMeasure {
  resource::Engine engine{};
  bool reached = false;  ///< it did not count as a failure to reach the endpoint
  std::string reason;    ///< of the Ready condition: one of schema/reasons.yaml, never text of a peer
  std::chrono::nanoseconds took{};
  std::span<const probe::StageRecord> stages;
};

/// Where the work is counted. Implementations are safe from any thread and return at once.
class MetricsSink {
 public:
  MetricsSink() = default;
  MetricsSink(const MetricsSink&) = delete;
  MetricsSink& operator=(const MetricsSink&) = delete;
  virtual ~MetricsSink() = default;

  virtual void check_finished(const CheckMeasure& measure) = 0;
  /// How long after it was due a check began.
  virtual void check_started(std::chrono::nanoseconds lag) = 0;
  /// An attempt to save a status, counted by the store where it is made.
  virtual void status_saved(bool kept) = 0;
  /// The declared resources were read; `flawless` when none of them had to be left out or kept from before.
  virtual void manifests_read(bool flawless) = 0;
  /// An attempt of a request to the Kubernetes API: its method ("GET") and the answer's code, 0 where none
  /// came.
  virtual void api_request(std::string_view method, int code) = 0;
};

}  // namespace tlswarden::reconcile

#pragma once

#include "reconcile/event_sink.hpp"

namespace tlswarden::reconcile {

/// Writes events to the log: one line each, with the endpoint's key; warnings as warnings.
class EventLog final : public EventSink {
 public:
  void record(const resource::DatabaseEndpoint& endpoint, const Event& event) override;
};

}  // namespace tlswarden::reconcile

#pragma once

#include <string>

#include "resource/endpoint.hpp"

namespace tlswarden::reconcile {

/// Something that happened to an endpoint and that a person wants to hear of once.
struct Event {
  enum class Type { kNormal, kWarning };
  Type type = Type::kNormal;
  std::string reason;  ///< CamelCase, of the vocabulary in transitions.hpp
  std::string note;    ///< one line, at most 1000 bytes, never empty

  bool operator==(const Event&) const = default;
};

/// Where events go. Implementations are safe from any thread, return at once and do not fail: an event that
/// cannot be delivered is dropped, because the status says the same.
class EventSink {
 public:
  EventSink() = default;
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;
  virtual ~EventSink() = default;

  virtual void record(const resource::DatabaseEndpoint& endpoint, const Event& event) = 0;
};

}  // namespace tlswarden::reconcile

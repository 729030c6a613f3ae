#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "reconcile/event_sink.hpp"
#include "resource/endpoint.hpp"

namespace tlswarden::kube {

/// The repetitions of an event.
struct SeriesOfEvents {
  int count = 2;  ///< the first one included
  base::WallTime last{};

  bool operator==(const SeriesOfEvents&) const = default;
};

/// One Event of events.k8s.io/v1 about a DatabaseEndpoint, within the bounds that the API server puts on it.
struct EventDocument {
  std::string ns;             ///< the endpoint's, as the API server demands
  std::string name;           ///< see event_name()
  std::string endpoint, uid;  ///< kubectl describe finds events by the uid
  std::string reason;         ///< at most 128 bytes
  std::string note;           ///< at most 1024 bytes of UTF-8, without control characters
  bool warning = false;
  std::string instance;   ///< reportingInstance: at most 128 bytes, never empty
  base::WallTime time{};  ///< of the first one
  std::optional<SeriesOfEvents> series = {};

  bool operator==(const EventDocument&) const = default;
};

/// `instance` may be of any length.
EventDocument describe_event(const resource::DatabaseEndpoint& endpoint, const reconcile::Event& event,
                             const std::string& instance, base::WallTime now, std::uint32_t number);

/// `<endpoint>.<16 hex digits>`, as client-go names Events, at most 253 characters: the time, and `number`,
/// which has to differ between the events of one second.
std::string event_name(const std::string& endpoint, base::WallTime now, std::uint32_t number);

/// The object for a POST.
nlohmann::ordered_json event_json(const EventDocument& event);
/// The merge patch that brings the series of an Event up to date, the one thing that may be changed in it.
/// `event.series` must be there. Absolute, so it may be sent again.
nlohmann::ordered_json series_patch(const EventDocument& event);

}  // namespace tlswarden::kube

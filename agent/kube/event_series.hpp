#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "kube/event_document.hpp"
#include "kube/recent.hpp"

namespace tlswarden::kube {

/// What the API server is to be told.
struct EventWrite {
  enum class Kind { kCreate, kPatch };
  Kind kind = Kind::kCreate;
  EventDocument event;

  bool operator==(const EventWrite&) const = default;
};

/// Which events are one and the same that repeats itself, and when the API server is told of it. As client-go
/// does it: the first is created, with the second it becomes a series, further ones are counted here alone
/// and told every half an hour, so that the Event outlives the server's hour; a series is over when nothing
/// was added for six minutes.
///
/// Unlike there, the note has to be the same as well: the API server lets nobody change the note of an Event,
/// so a series would hide that, say, it is another certificate now. What this may cost is bounded by a budget
/// of new Events for each endpoint, as client-go's older recorder has it: 25 at once, then one in five
/// minutes. Not thread-safe, and does no I/O.
class EventSeries {
 public:
  static constexpr std::size_t kMostRemembered = 4096;  ///< events, and as many endpoints

  /// `clock` must outlive this object. `first_number` differs between processes, for event_name().
  EventSeries(const base::Clock& clock, std::string instance, std::uint32_t first_number)
      : clock_(clock), instance_(std::move(instance)), next_number_(first_number) {}

  struct Outcome {
    std::optional<EventWrite> write;
    bool refused = false;  ///< a new Event for which the endpoint has no budget left
  };
  Outcome observe(const resource::DatabaseEndpoint& endpoint, const reconcile::Event& event);

  /// What time makes due; series that are over are forgotten. To be called every now and then.
  std::vector<EventWrite> due();
  /// Everything that is counted here and that the API server does not know. Forgets all.
  std::vector<EventWrite> finish();
  std::size_t remembered() const { return series_.size(); }

 private:
  struct Series {
    EventDocument event;
    int told = 0;  ///< of event.series->count
    base::MonoTime observed{}, written{};

    bool has_news() const { return event.series && event.series->count != told; }
  };
  struct Budget {
    double left;
    base::MonoTime refilled;
  };
  bool may_create(const std::string& uid);
  EventWrite tell(Series& series);

  const base::Clock& clock_;
  const std::string instance_;
  std::uint32_t next_number_;
  Recent<Series> series_{kMostRemembered};
  Recent<Budget> budgets_{kMostRemembered};
};

}  // namespace tlswarden::kube

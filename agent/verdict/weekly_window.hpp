#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "resource/endpoint.hpp"

namespace date {
class time_zone;  // NOLINT(readability-identifier-naming): of <date/tz.h>
}

namespace tlswarden::verdict {

/// A maintenance window as declared, read: it opens on its days (every day where none is named) at a local
/// time of its IANA zone, and stays open for its duration as a stopwatch counts it, so across a change of
/// summer time it closes an hour earlier or later by the clock on the wall. An opening time that the clocks
/// skip is taken at the change, one that occurs twice at its first occurrence. After 2037, up to which the
/// system's files list the changes, every zone keeps its standard time. A value; the zone is the library's
/// and lives as long as the program.
class WeeklyWindow {
 public:
  /// Error: an unknown zone, or an unreadable start, day or duration.
  static base::Result<WeeklyWindow> read(const resource::MaintenanceWindow& declared);

  /// The occurrence that opens last, not later than `latest`. There always is one.
  resource::TimeWindow last_opening(base::WallTime latest) const;

  base::Seconds duration() const { return duration_; }
  const std::string& zone_name() const;

  /// Since the start of a week in UTC, by the zone's offset at `when`: when the window opens, each once.
  std::vector<base::Seconds> openings_in_week(base::WallTime when) const;

 private:
  const date::time_zone* zone_ = nullptr;
  std::array<bool, 7> days_{};  ///< from Sunday
  base::Seconds start_{};
  base::Seconds duration_{};
};

/// The longest that one may have to wait for a whole window, its own length included: from just after one
/// has opened to the end of the next. Changes of summer time are left out of account. `windows` is not empty.
base::Seconds longest_wait(std::span<const WeeklyWindow> windows, base::WallTime when);

/// A window as its own zone's clocks show it: "Sat 2026-12-05 02:00 to 04:00 Europe/Berlin".
std::string local_text(const resource::TimeWindow& window, const std::string& zone_name);

}  // namespace tlswarden::verdict

#include "verdict/rotation_plan.hpp"

#include <algorithm>
#include <vector>

#include "verdict/weekly_window.hpp"

namespace tlswarden::verdict {
namespace {

using base::Seconds;
using base::WallTime;
using resource::TimeWindow;

constexpr Seconds kSecond{1};

struct Occurrence {
  TimeWindow time;
  const WeeklyWindow* window = nullptr;
};

/// The usable occurrences of all windows, from the last one backwards.
class Usable {
 public:
  Usable(std::span<const WeeklyWindow> windows, const Validity& validity, WallTime deadline)
      : windows_(windows), not_before_(validity.not_before), deadline_(deadline) {}

  /// The one that opens last, before `bound` if given; of several the one that closes last.
  std::optional<Occurrence> last(std::optional<WallTime> bound = std::nullopt) const {
    std::optional<Occurrence> found;
    for (const WeeklyWindow& window : windows_) {
      WallTime latest = deadline_ - window.duration();
      if (bound) latest = std::min(latest, *bound - kSecond);
      const Occurrence candidate{window.last_opening(latest), &window};
      if (not_before_ && candidate.time.start < *not_before_) continue;
      const auto key = [](const Occurrence& o) { return std::pair(o.time.start, o.time.end); };
      if (!found || key(*found) < key(candidate)) found = candidate;
    }
    return found;
  }

  /// Of those that are open, the one that closes last.
  std::optional<Occurrence> open(WallTime now) const {
    std::optional<Occurrence> found;
    for (const WeeklyWindow& window : windows_) {
      const WallTime latest = std::min(deadline_ - window.duration(), now);
      const Occurrence candidate{window.last_opening(latest), &window};
      const bool usable = !not_before_ || candidate.time.start >= *not_before_;
      if (!usable || candidate.time.end <= now) continue;
      if (!found || found->time.end < candidate.time.end) found = candidate;
    }
    return found;
  }

 private:
  std::span<const WeeklyWindow> windows_;
  std::optional<WallTime> not_before_;
  WallTime deadline_;
};

void choose_window(const Usable& usable, WallTime now, RotationPlan& plan) {
  const auto last = usable.last();
  if (!last) return;
  plan.rotate_by = last->time.start;
  const auto chosen = now < plan.rotate_by ? last : usable.open(now);
  plan.no_window_left = !chosen;
  if (!chosen) return;
  plan.window = chosen->time;
  plan.time_zone = chosen->window->zone_name();
  const auto before = usable.last(plan.rotate_by);
  plan.last_window = now >= plan.rotate_by || !before || before->time.end <= now;
}

base::Result<std::vector<WeeklyWindow>> read_windows(const resource::RotationSpec& rotation) {
  std::vector<WeeklyWindow> windows;
  for (const resource::MaintenanceWindow& declared : rotation.maintenance_windows) {
    const auto window = WeeklyWindow::read(declared);
    if (!window) return tl::unexpected(window.error());
    windows.push_back(*window);
  }
  return windows;
}

}  // namespace

base::Result<RotationPlan> plan_rotation(const resource::RotationSpec& rotation, const Validity& validity,
                                         WallTime now) {
  const auto windows = read_windows(rotation);
  if (!windows) return tl::unexpected(windows.error());
  RotationPlan plan;
  plan.deadline = plan.rotate_by = validity.not_after - rotation.lead_time;
  Seconds needed = rotation.lead_time + kSecond;
  if (!windows->empty()) {
    choose_window(Usable(*windows, validity, plan.deadline), now, plan);
    needed = rotation.lead_time + longest_wait(*windows, plan.deadline);
  }
  const auto lifetime = validity.lifetime();
  if (lifetime && *lifetime < needed) plan.shortest_life = needed;
  return plan;
}

}  // namespace tlswarden::verdict

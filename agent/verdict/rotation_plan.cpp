#include "verdict/rotation_plan.hpp"

#include <date/tz.h>

#include <array>
#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace tlswarden::verdict {
namespace {

using resource::MaintenanceWindow;
using resource::TimeWindow;

constexpr std::array<std::string_view, 7> kDayNames{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr base::Seconds kLongestWindow{7 * 86400};

/// A window that has been read; never leaves this file.
struct WeeklyWindow {
  const date::time_zone* zone = nullptr;
  std::array<bool, 7> days{};  ///< index as kDayNames
  base::Seconds start{};
  base::Seconds duration{};
};

std::optional<base::Seconds> parse_start(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int hours = 0;
  int minutes = 0;
  const auto read = [](std::string_view digits, int& value) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc{} && end == digits.data() + digits.size() && digits[0] != '-';
  };
  if (!read(text.substr(0, 2), hours) || !read(text.substr(3), minutes) || hours > 23 || minutes > 59) {
    return std::nullopt;
  }
  return std::chrono::hours(hours) + std::chrono::minutes(minutes);
}

base::Result<std::array<bool, 7>> parse_days(const std::vector<std::string>& names) {
  std::array<bool, 7> days{};
  if (names.empty()) days.fill(true);
  for (const std::string& name : names) {
    bool known = false;
    for (std::size_t day = 0; day < kDayNames.size(); ++day) {
      if (kDayNames.at(day) != name) continue;
      days.at(day) = known = true;
    }
    if (!known)
      return base::fail("'" + base::printable(name, 40) + "' is no day of the week; write Mon to Sun");
  }
  return days;
}

const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;  // unknown here, or the machine has no time zone database
  }
}

base::Result<WeeklyWindow> read_window(const MaintenanceWindow& window) {
  const auto days = parse_days(window.days);
  if (!days) return tl::unexpected(days.error());
  const auto start = parse_start(window.start);
  if (!start)
    return base::fail("'" + base::printable(window.start, 40) + "' is no time of day; write it as 02:00");
  if (window.duration <= base::Seconds(0) || window.duration > kLongestWindow) {
    return base::fail("a maintenance window must last longer than nothing and at most 7 days");
  }
  const date::time_zone* zone = find_zone(window.time_zone);
  if (zone == nullptr) {
    return base::fail("the time zone '" + base::printable(window.time_zone, 60) +
                      "' is not known on this machine");
  }
  return WeeklyWindow{zone, *days, *start, window.duration};
}

TimeWindow occurrence(const WeeklyWindow& window, date::local_days day) {
  const base::WallTime start = window.zone->to_sys(day + window.start, date::choose::earliest);
  return {start, start + window.duration};
}

std::optional<TimeWindow> last_occurrence(const WeeklyWindow& window, base::WallTime after,
                                          base::WallTime latest) {
  const auto last_day = date::floor<date::days>(window.zone->to_local(latest));
  // A window of seven days on one weekday may have started two weeks before `latest` and still be the last to
  // end.
  constexpr int kDaysBack = 15;
  for (int back = 0; back <= kDaysBack; ++back) {
    const auto day = last_day - date::days(back);
    if (!window.days.at(date::weekday(day).c_encoding())) continue;
    const TimeWindow found = occurrence(window, day);
    if (found.end > latest) continue;
    if (found.end <= after) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

}  // namespace

base::Result<std::optional<TimeWindow>> last_window(std::span<const MaintenanceWindow> windows,
                                                    base::WallTime after, base::WallTime latest) {
  std::optional<TimeWindow> last;
  for (const MaintenanceWindow& declared : windows) {
    const auto window = read_window(declared);
    if (!window) return tl::unexpected(window.error());
    const auto found = last_occurrence(*window, after, latest);
    if (found && (!last || found->end > last->end)) last = found;
  }
  return last;
}

base::Result<RotationPlan> plan_rotation(const resource::RotationSpec& rotation, base::WallTime not_after,
                                         base::WallTime now) {
  RotationPlan plan;
  plan.rotate_by = not_after - rotation.lead_time;
  if (rotation.maintenance_windows.empty()) return plan;
  const auto last = last_window(rotation.maintenance_windows, now, plan.rotate_by);
  if (!last) return tl::unexpected(last.error());
  plan.window = *last;
  plan.no_window_left = !plan.window;
  if (!plan.window) return plan;
  plan.rotate_by = plan.window->end;
  const auto earlier = last_window(rotation.maintenance_windows, now, plan.window->end - base::Seconds(1));
  plan.last_window = earlier && !*earlier;
  return plan;
}

std::optional<base::WallTime> last_chance_from(const resource::RotationSpec& rotation,
                                               base::WallTime not_after) {
  const base::WallTime long_ago{};
  if (rotation.maintenance_windows.empty()) return std::nullopt;
  const auto last = last_window(rotation.maintenance_windows, long_ago, not_after - rotation.lead_time);
  if (!last || !*last) return std::nullopt;
  const auto earlier = last_window(rotation.maintenance_windows, long_ago, (*last)->end - base::Seconds(1));
  if (!earlier || !*earlier) return std::nullopt;
  return (*earlier)->end;
}

}  // namespace tlswarden::verdict

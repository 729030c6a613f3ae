#include "verdict/weekly_window.hpp"

#include <date/tz.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace tlswarden::verdict {
namespace {

using base::Seconds;
using resource::TimeWindow;

constexpr std::array<std::string_view, 7> kDayNames{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr Seconds kWeek{7 * 86400};

std::optional<Seconds> parse_start(std::string_view text) {
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
    const auto* const known = std::find(kDayNames.begin(), kDayNames.end(), name);
    if (known == kDayNames.end())
      return base::fail("'" + base::printable(name, 40) + "' is no day of the week; write Mon to Sun");
    days.at(static_cast<std::size_t>(known - kDayNames.begin())) = true;
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

}  // namespace

base::Result<WeeklyWindow> WeeklyWindow::read(const resource::MaintenanceWindow& declared) {
  const auto days = parse_days(declared.days);
  if (!days) return tl::unexpected(days.error());
  const auto start = parse_start(declared.start);
  if (!start)
    return base::fail("'" + base::printable(declared.start, 40) + "' is no time of day; write it as 02:00");
  if (declared.duration <= Seconds(0) || declared.duration > kWeek) {
    return base::fail("a maintenance window must last longer than nothing and at most 7 days");
  }
  const date::time_zone* zone = find_zone(declared.time_zone);
  if (zone == nullptr) {
    return base::fail("the time zone '" + base::printable(declared.time_zone, 60) +
                      "' is not known on this machine");
  }
  WeeklyWindow window;
  window.zone_ = zone;
  window.days_ = *days;
  window.start_ = *start;
  window.duration_ = declared.duration;
  return window;
}

TimeWindow WeeklyWindow::last_opening(base::WallTime latest) const {
  const auto day_of_latest = date::floor<date::days>(zone_->to_local(latest));
  // A day too many at first: where the clocks go back over midnight, its early hours came before `latest`.
  // Every day of the week is among any seven; more are looked at only around a change of the clocks.
  for (int back = -1;; ++back) {
    const auto day = day_of_latest - date::days(back);
    if (!days_.at(date::weekday(day).c_encoding())) continue;
    const base::WallTime opens = zone_->to_sys(day + start_, date::choose::earliest);
    if (opens <= latest) return {opens, opens + duration_};
  }
}

const std::string& WeeklyWindow::zone_name() const {
  return zone_->name();
}

std::vector<Seconds> WeeklyWindow::openings_in_week(base::WallTime when) const {
  const Seconds offset = zone_->get_info(when).offset;
  std::vector<Seconds> openings;
  for (std::size_t day = 0; day < days_.size(); ++day) {
    if (!days_.at(day)) continue;
    const Seconds local = date::days(static_cast<int>(day)) + start_;
    openings.push_back((local - offset + 2 * kWeek) % kWeek);
  }
  return openings;
}

Seconds longest_wait(std::span<const WeeklyWindow> windows, base::WallTime when) {
  struct Occurrence {
    Seconds opens, closes;
  };
  std::vector<Occurrence> week;
  for (const WeeklyWindow& window : windows) {
    for (const Seconds opens : window.openings_in_week(when))
      week.push_back({opens, opens + window.duration()});
  }
  std::sort(week.begin(), week.end(), [](const auto& a, const auto& b) { return a.opens < b.opens; });
  // Backwards through three weeks, so that every opening of the first has all that may follow it.
  constexpr int kWeeks = 3;
  Seconds longest{0};
  Seconds first_close = kWeeks * kWeek + 2 * kWeek;
  Seconds first_close_after = first_close;  // of what opens strictly later
  Seconds opens_later = first_close;
  for (int turn = kWeeks - 1; turn >= 0; --turn) {
    for (auto each = week.rbegin(); each != week.rend(); ++each) {
      const Seconds opens = each->opens + turn * kWeek;
      if (opens != opens_later) first_close_after = first_close;
      opens_later = opens;
      if (turn == 0) longest = std::max(longest, first_close_after - opens);
      first_close = std::min(first_close, each->closes + turn * kWeek);
    }
  }
  return longest;
}

std::string local_text(const TimeWindow& window, const std::string& zone_name) {
  const date::time_zone* zone = find_zone(zone_name);
  if (zone == nullptr) zone = date::locate_zone("UTC");
  const auto start = zone->to_local(window.start);
  const auto end = zone->to_local(window.end);
  const bool same_day = date::floor<date::days>(start) == date::floor<date::days>(end);
  return date::format("%a %F %H:%M", start) + " to " + date::format(same_day ? "%H:%M" : "%a %F %H:%M", end) +
         " " + zone->name();
}

}  // namespace tlswarden::verdict

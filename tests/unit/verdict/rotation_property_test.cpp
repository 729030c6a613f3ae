#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <random>
#include <set>
#include <tuple>

#include "base/duration.hpp"
#include "base/time_text.hpp"
#include "tests/unit/verdict/scenario.hpp"
#include "verdict/expiry.hpp"

/// What holds for every certificate, threshold, window and zone. The windows are enumerated here by another
/// way than the program's: minute after minute (a quarter of an hour at a time, which every zone's clocks
/// share), asking the C library what the clocks there show.
namespace tlswarden::verdict {
namespace {

using base::Seconds;
using base::WallTime;
using resource::TimeWindow;

constexpr Seconds kQuarter{900};

constexpr std::array kZones{
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Moscow",
    "Europe/Lisbon",
    "Atlantic/Azores",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Africa/Lagos",
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "America/Asuncion",
    "America/Sao_Paulo",
    "America/Nuuk",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Australia/Eucla",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Pacific/Pago_Pago",
    "Pacific/Easter",
};
constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// The C library's clocks in one zone.
class WallClock {
 public:
  explicit WallClock(const std::string& zone) {
    ::setenv("TZ", zone.c_str(), 1);
    ::tzset();
  }
  ~WallClock() {
    ::unsetenv("TZ");
    ::tzset();
  }
  WallClock(const WallClock&) = delete;
  WallClock& operator=(const WallClock&) = delete;

  /// What the clock shows, as if it were UTC.
  static WallTime shown(WallTime time) {
    const std::time_t seconds = time.time_since_epoch().count();
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    return WallTime{Seconds{::timegm(&parts)}};
  }
};

int minutes_of(const std::string& start) {
  return std::stoi(start.substr(0, 2)) * 60 + std::stoi(start.substr(3));
}

/// Every time at which `window` opens from `from` on and ends by `until`.
std::vector<TimeWindow> occurrences(const resource::MaintenanceWindow& window, WallTime from,
                                    WallTime until) {
  const WallClock clock(window.time_zone);
  std::vector<TimeWindow> found;
  std::set<WallTime> opened;  // as the wall shows it: a time that comes twice opens once
  const Seconds start{minutes_of(window.start) * 60};
  // From a good while before, to have seen the first of two.
  WallTime time = std::chrono::floor<std::chrono::days>(from) - 2 * kDay;
  WallTime before = WallClock::shown(time);
  for (time += kQuarter; time + window.duration <= until; time += kQuarter) {
    const WallTime now = WallClock::shown(time);
    // Each day whose start lies in what the hand has just passed over.
    for (auto day = std::chrono::floor<std::chrono::days>(before); day + start <= now;
         day += std::chrono::days(1)) {
      const std::chrono::weekday weekday(day);
      const bool named = window.days.empty() ||
                         std::find(window.days.begin(), window.days.end(), kDays.at(weekday.c_encoding())) !=
                             window.days.end();
      if (day + start <= before || !named || !opened.insert(day + start).second) continue;
      if (time >= from) found.push_back({time, time + window.duration});
    }
    before = now;
  }
  return found;
}

struct Case {
  Validity validity;
  resource::RotationSpec rotation;
};

class Chance {
 public:
  explicit Chance(std::uint32_t seed) : engine_(seed) {}
  int from(int least, int most) { return std::uniform_int_distribution(least, most)(engine_); }
  bool once_in(int n) { return from(1, n) == 1; }

  Case any_case() {
    Case any;
    const Seconds begin{from(0, 2 * 365 * 24 * 60) * 60};
    any.validity.not_before = WallTime{std::chrono::sys_days{std::chrono::year{2025} / 1 / 1}} + begin;
    any.validity.not_after = *any.validity.not_before + lifetime();
    if (once_in(3)) move(any.validity, around_a_change_of_clocks());
    any.rotation.warn_before = threshold();
    any.rotation.critical_before = threshold();
    any.rotation.lead_time = Seconds{once_in(4) ? from(0, 90 * 24) * 3600 : from(0, 48 * 60) * 60};
    for (int windows = from(0, 3); windows > 0; --windows)
      any.rotation.maintenance_windows.push_back(window());
    return any;
  }

 private:
  /// In the days after the clocks change somewhere: that is where windows are hard to tell.
  WallTime around_a_change_of_clocks() {
    constexpr std::array kChanges{std::pair{3, 8},  std::pair{3, 29},  std::pair{4, 5}, std::pair{9, 6},
                                  std::pair{10, 4}, std::pair{10, 25}, std::pair{11, 1}};
    const auto& [month, day] = kChanges.at(static_cast<std::size_t>(from(0, kChanges.size() - 1)));
    const std::chrono::year_month_day date{std::chrono::year{2026},
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    return WallTime{std::chrono::sys_days{date}} + Seconds{from(0, 4 * 24 * 60) * 60};
  }
  static void move(Validity& validity, WallTime not_after) {
    *validity.not_before += not_after - validity.not_after;
    validity.not_after = not_after;
  }
  Seconds lifetime() {
    constexpr std::array kUsual{6, 47, 90, 365};
    if (once_in(2)) return kUsual.at(static_cast<std::size_t>(from(0, 3))) * kDay - Seconds(1);
    return once_in(4) ? from(6 * 24, 3650 * 24) * Seconds(3600) : from(6 * 24, 120 * 24) * Seconds(3600);
  }
  std::optional<resource::Threshold> threshold() {
    if (once_in(3)) return std::nullopt;
    if (once_in(2)) return resource::Threshold{std::nullopt, from(1, 99)};
    return resource::Threshold{Seconds{from(1, 60 * 24) * 3600}, std::nullopt};
  }
  resource::MaintenanceWindow window() {
    resource::MaintenanceWindow made;
    if (!once_in(4)) {
      for (const char* day : kDays) {
        if (once_in(4)) made.days.emplace_back(day);
      }
    }
    const int quarter = once_in(3) ? from(0, 12) : from(0, 95);
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    made.start = two(quarter / 4) + ":" + two(quarter % 4 * 15);
    made.duration = Seconds{once_in(4) ? from(1, 7 * 24 * 60) * 60 : from(1, 300) * 60};
    made.time_zone = kZones.at(static_cast<std::size_t>(from(0, kZones.size() - 1)));
    return made;
  }

  std::mt19937 engine_;
};

PathCertificate certificate_of(const Validity& validity) {
  PathCertificate certificate{"leaf"};
  certificate.not_before = *validity.not_before;
  certificate.not_after = validity.not_after;
  return certificate;
}

std::string describe(const Case& any) {
  std::string text = base::format_rfc3339(*any.validity.not_before) + " to " +
                     base::format_rfc3339(any.validity.not_after) + ", leadTime " +
                     base::format_duration(any.rotation.lead_time);
  for (const auto& window : any.rotation.maintenance_windows) {
    text += "; " + window.start + " " + base::format_duration(window.duration) + " " + window.time_zone;
    for (const std::string& day : window.days)
      text += " " + day;
  }
  return text;
}

/// Every usable occurrence that can matter: any window opens at least once in nine days.
std::vector<TimeWindow> usable(const Case& any) {
  const WallTime deadline = any.validity.not_after - any.rotation.lead_time;
  std::vector<TimeWindow> all;
  for (const auto& window : any.rotation.maintenance_windows) {
    const WallTime from = std::max(*any.validity.not_before, deadline - window.duration - 9 * kDay);
    const auto some = occurrences(window, from, deadline);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::vector<WallTime> instants(const Case& any, const RotationPlan& plan, Chance& chance) {
  std::vector<WallTime> times{*any.validity.not_before, any.validity.not_after,
                              any.validity.not_after + Seconds(1)};
  const auto around = [&](WallTime time) {
    for (const int off : {-1, 0, 1})
      times.push_back(time + Seconds(off));
  };
  around(plan.rotate_by);
  around(plan.deadline);
  if (plan.window) around(plan.window->end);
  const auto hours = (any.validity.not_after - *any.validity.not_before) / Seconds(3600);
  for (int i = 0; i < 12; ++i)
    times.push_back(*any.validity.not_before + chance.from(0, static_cast<int>(hours)) * Seconds(3600));
  std::erase_if(times, [&](WallTime time) { return time < *any.validity.not_before; });
  std::sort(times.begin(), times.end());
  return times;
}

TEST(RotationProperty, TheLastWindowIsNeverMissedAndNeverTooLate) {
  Chance chance(4711);
  for (int i = 0; i < 3000; ++i) {
    const Case any = chance.any_case();
    SCOPED_TRACE("case " + std::to_string(i) + ": " + describe(any));
    const auto windows = usable(any);
    const WallTime deadline = any.validity.not_after - any.rotation.lead_time;
    const auto first = plan_rotation(any.rotation, any.validity, *any.validity.not_before).value();
    ASSERT_LE(first.rotate_by, deadline);
    const auto last = std::max_element(windows.begin(), windows.end(),
                                       [](const auto& a, const auto& b) { return a.start < b.start; });
    ASSERT_EQ(first.rotate_by, last == windows.end() ? deadline : last->start);
    for (const WallTime now : instants(any, first, chance)) {
      const auto plan = plan_rotation(any.rotation, any.validity, now).value();
      ASSERT_EQ(plan.rotate_by, first.rotate_by) << "it moved";
      const bool exists =
          std::any_of(windows.begin(), windows.end(), [&](const auto& w) { return now < w.end; });
      ASSERT_EQ(plan.window.has_value(), exists) << base::format_rfc3339(now);
      ASSERT_EQ(plan.no_window_left, !windows.empty() && !exists) << base::format_rfc3339(now);
      if (!plan.window) continue;
      ASSERT_TRUE(std::any_of(windows.begin(), windows.end(), [&](const auto& w) {
        return w.start == plan.window->start && w.end == plan.window->end;
      })) << base::format_rfc3339(plan.window->start);
    }
  }
}

TEST(RotationProperty, NothingGoesBackwardsAsTimeGoesOn) {
  Chance chance(815);
  for (int i = 0; i < 3000; ++i) {
    const Case any = chance.any_case();
    SCOPED_TRACE("case " + std::to_string(i) + ": " + describe(any));
    const PathCertificate certificate = certificate_of(any.validity);
    const auto first = plan_rotation(any.rotation, any.validity, *any.validity.not_before).value();
    auto state = RotationState::kNotDue;
    auto progress = resource::RotationProgress::kPlanned;
    for (const WallTime now : instants(any, first, chance)) {
      const RotationVerdict verdict = judge_rotation({certificate}, any.rotation, now);
      ASSERT_GE(verdict.state, state) << base::format_rfc3339(now);
      ASSERT_GE(verdict.all.front().progress, progress) << base::format_rfc3339(now);
      state = verdict.state;
      progress = verdict.all.front().progress;
      ASSERT_EQ(progress == resource::RotationProgress::kOverdue,
                now >= first.rotate_by && !verdict.all.front().plan.window)
          << base::format_rfc3339(now);
      ASSERT_TRUE(now < first.rotate_by || state != RotationState::kNotDue) << "too late without a word";
    }
    ASSERT_EQ(state, RotationState::kExpired);
  }
}

TEST(RotationProperty, AShortLifeIsNotDueFromItsFirstDay) {
  Chance chance(1848);
  for (int i = 0; i < 3000; ++i) {
    Case any = chance.any_case();
    any.rotation.maintenance_windows.clear();
    any.rotation.lead_time = std::min(any.rotation.lead_time, *any.validity.lifetime() / 2);
    for (auto* threshold : {&any.rotation.warn_before, &any.rotation.critical_before}) {
      if (*threshold && (*threshold)->percent) threshold->reset();
    }
    const PathCertificate certificate = certificate_of(any.validity);
    const WallTime young = *any.validity.not_before + *any.validity.lifetime() / 3;
    ASSERT_EQ(judge_rotation({certificate}, any.rotation, young).state, RotationState::kNotDue)
        << describe(any);
  }
}

TEST(RotationProperty, TheSeverityOfTheEndpointGrowsOnly) {
  Chance chance(1969);
  for (int i = 0; i < 80; ++i) {
    const Case any = chance.any_case();
    SCOPED_TRACE("case " + std::to_string(i) + ": " + describe(any));
    Scenario scenario(resource::Engine::kPostgresql,
                      i % 3 == 0 ? resource::TlsMode::kRequire : resource::TlsMode::kVerifyFull);
    const auto root = test_support::mint({.common_name = "Root",
                                          .not_before = *any.validity.not_before - kDay,
                                          .not_after = any.validity.not_after + 3650 * kDay,
                                          .ca = true});
    const auto leaf = test_support::mint({.common_name = "localhost",
                                          .dns_names = {"localhost"},
                                          .not_before = *any.validity.not_before,
                                          .not_after = any.validity.not_after},
                                         &root);
    scenario.material.trust = test_support::store_of({&root});
    scenario.serve({&leaf});
    scenario.endpoint.spec.rotation = any.rotation;
    const auto first = plan_rotation(any.rotation, any.validity, *any.validity.not_before).value();
    Severity worst = Severity::kOk;
    for (const WallTime now : instants(any, first, chance)) {
      scenario.now = now;
      const Severity found = severity(scenario.judge());
      ASSERT_NE(found, Severity::kUnknown);
      ASSERT_GE(found, worst) << base::format_rfc3339(now);
      worst = found;
    }
    ASSERT_EQ(worst, Severity::kCritical);
  }
}

}  // namespace
}  // namespace tlswarden::verdict

#include "cli/age_text.hpp"

#include "base/time_text.hpp"

namespace tlswarden::cli {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kYear = 365 * kDay;

/// `5m`, or `5m20s` where the rest is not nothing.
std::string units(std::int64_t seconds, std::int64_t unit, char name, std::int64_t smaller, char small_name) {
  const std::int64_t rest = seconds % unit / smaller;
  return std::to_string(seconds / unit) + name + (rest == 0 ? "" : std::to_string(rest) + small_name);
}

}  // namespace

std::string age_text(base::Seconds span) {
  const std::int64_t seconds = span.count();
  // Two clocks that differ by a second are no news.
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 2 * kMinute) return std::to_string(seconds) + "s";
  if (seconds < 10 * kMinute) return units(seconds, kMinute, 'm', 1, 's');
  if (seconds < 3 * kHour) return std::to_string(seconds / kMinute) + "m";
  if (seconds < 8 * kHour) return units(seconds, kHour, 'h', kMinute, 'm');
  if (seconds < 2 * kDay) return std::to_string(seconds / kHour) + "h";
  if (seconds < 8 * kDay) return units(seconds, kDay, 'd', kHour, 'h');
  if (seconds < 2 * kYear) return std::to_string(seconds / kDay) + "d";
  if (seconds < 8 * kYear) return units(seconds, kYear, 'y', kDay, 'd');
  return std::to_string(seconds / kYear) + "y";
}

std::string age_since(std::string_view time, base::WallTime now) {
  const auto parsed = base::parse_rfc3339(time);
  return parsed ? age_text(now - *parsed) : "<unknown>";
}

}  // namespace tlswarden::cli

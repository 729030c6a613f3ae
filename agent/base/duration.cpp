#include "base/duration.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace tlswarden::base {
namespace {

constexpr std::array<std::pair<char, std::int64_t>, 5> kUnits{
    {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
constexpr std::int64_t kLongest = std::int64_t{100} * 365 * 86400;

}  // namespace

Result<Seconds> parse_duration(std::string_view text) {
  const auto refused = [&] {
    return fail("'" + std::string(text.substr(0, 40)) +
                "' is no duration; write it as 90s, 5m, 1h30m, 28d or 2w");
  };
  if (text.empty()) return refused();
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (error != std::errc{} || count < 0 || end == rest.data() + rest.size() || rest[0] == '-')
      return refused();
    const char unit = *end;
    while (next_unit < kUnits.size() && kUnits[next_unit].first != unit)
      ++next_unit;
    if (next_unit == kUnits.size()) return refused();
    const std::int64_t scale = kUnits[next_unit++].second;
    if (count > kLongest / scale || total + count * scale > kLongest) {
      return fail("'" + std::string(text.substr(0, 40)) + "' is longer than 100 years");
    }
    total += count * scale;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  }
  return Seconds(total);
}

std::string format_duration(Seconds span) {
  std::int64_t left = span.count();
  std::string text;
  for (const auto& [unit, scale] : kUnits) {
    if (unit == 'w') continue;  // 28d says more to people who write thresholds in days
    if (left >= scale) {
      text += std::to_string(left / scale) + unit;
      left %= scale;
    }
  }
  return text.empty() ? "0s" : text;
}

std::string describe_distance(WallTime from, WallTime to) {
  const std::int64_t span = (to - from).count();
  const std::int64_t size = span < 0 ? -span : span;
  constexpr std::array<std::pair<const char*, std::int64_t>, 4> kNames{
      {{"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}}};
  const char* name = "second";
  std::int64_t count = size;
  for (const auto& [unit, scale] : kNames) {
    // Below two of a unit, the next smaller one is more telling: 36 hours rather than 1 day.
    if (size >= 2 * scale) {
      name = unit;
      count = size / scale;
      break;
    }
  }
  const std::string amount = std::to_string(count) + " " + name + (count == 1 ? "" : "s");
  return span < 0 ? amount + " ago" : "in " + amount;
}

}  // namespace tlswarden::base

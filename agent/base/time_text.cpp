#include "base/time_text.hpp"

#include <date/date.h>

#include <sstream>

#include "base/duration.hpp"

namespace tlswarden::base {
namespace {

Result<WallTime> parse_with(const std::string& text, const char* format) {
  std::istringstream in(text);
  std::chrono::sys_time<std::chrono::microseconds> time;  // as fine as Kubernetes writes them
  in >> date::parse(format, time);
  if (in.fail() || in.peek() != std::istringstream::traits_type::eof()) {
    return fail("'" + text.substr(0, 40) + "' is no date or time; write 2026-03-01 or 2026-03-01T12:00:00Z");
  }
  return std::chrono::floor<std::chrono::seconds>(time);
}

}  // namespace

std::string format_rfc3339(WallTime time) {
  return date::format("%FT%TZ", time);
}

std::string format_date(WallTime time) {
  return date::format("%F", time);
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  const std::string copy(text.substr(0, 64));
  if (!copy.empty() && (copy.back() == 'Z' || copy.back() == 'z')) {
    return parse_with(copy.substr(0, copy.size() - 1), "%FT%T");
  }
  return parse_with(copy, "%FT%T%Ez");
}

Result<WallTime> parse_instant(std::string_view text, WallTime now) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    const auto span = parse_duration(text.substr(1));
    if (!span) {
      const std::string& message = span.error().message;
      const bool names_remedy = message.find(';') != std::string::npos;
      return fail(message + (names_remedy ? ", behind the + or -" : "; name a shorter time, or a date"));
    }
    return text[0] == '+' ? now + *span : now - *span;
  }
  if (parse_duration(text))
    return fail("'" + std::string(text) + "' is a duration; write +" + std::string(text) +
                " for that long from now");
  if (text.find('T') != std::string_view::npos) return parse_rfc3339(text);
  return parse_with(std::string(text.substr(0, 64)), "%F");
}

}  // namespace tlswarden::base

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/calendar.hpp"
#include "verdict/weekly_window.hpp"

namespace tlswarden::cli {
namespace {

using verdict::RotationState;

constexpr std::size_t kLongestSubject = 80;

Cell state_of(const verdict::RotationVerdict::Due& due) {
  if (due.state == RotationState::kExpired) return {"Expired", Colour::kRed};
  const std::string progress(resource::to_string(due.progress));
  if (due.state == RotationState::kCritical) return {progress, Colour::kRed};
  return {progress, due.state == RotationState::kDue ? Colour::kYellow : Colour::kGreen};
}

std::string window_of(const CalendarEntry& entry) {
  if (entry.due.plan.window) return verdict::local_text(*entry.due.plan.window, entry.due.plan.time_zone);
  if (!entry.windows_declared) return "at any time";
  return entry.due.plan.no_window_left ? "none is left" : "none fits";
}

std::vector<Cell> row_of(const CalendarEntry& entry, base::WallTime now) {
  const verdict::RotationVerdict::Due& due = entry.due;
  return {
      {base::format_rfc3339(due.plan.rotate_by) + ", " + base::describe_distance(now, due.plan.rotate_by)},
      state_of(due),
      {base::format_date(due.certificate.not_after)},
      {window_of(entry)},
      {noun_of(due.certificate)},
      {base::printable(due.certificate.subject, kLongestSubject)},
      {base::join(entry.endpoints, ", ")}};
}

}  // namespace

std::string calendar_table(const Calendar& calendar, const Layout& layout) {
  Table table;
  table.headings = {"ROTATE BY", "STATE", "EXPIRES", "WINDOW", "WHAT", "SUBJECT", "ENDPOINTS"};
  for (const CalendarEntry& entry : calendar.entries)
    table.rows.push_back(row_of(entry, calendar.now));
  std::string text = calendar.entries.empty() ? "No certificate was seen.\n" : render(table, layout);
  if (calendar.now != calendar.made)
    text += "\nJudged as of " + base::format_rfc3339(calendar.now) + " on what was seen now.\n";
  if (!calendar.entries.empty() && !calendar.without.empty()) {
    text += "\n" + paragraph("Not in here, because no certificate of the server was seen: " +
                                 base::join(calendar.without, ", ") + ".",
                             0, layout.width);
  }
  if (!calendar.notes.empty()) text += "\n";
  for (const std::string& note : calendar.notes)
    text += paragraph(note, 0, layout.width, 2);
  return text;
}

}  // namespace tlswarden::cli

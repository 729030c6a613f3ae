#include "cli/calendar_file.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "verdict/rotation_condition.hpp"
#include "verdict/weekly_window.hpp"

namespace tlswarden::cli {
namespace {

using base::WallTime;

constexpr std::size_t kLongestSubject = 200;

/// Section 3.3.5, form 2.
std::string utc(WallTime time) {
  std::string text = base::format_rfc3339(time);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

/// Section 3.3.11. What comes from a certificate was made printable before.
std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\n') {
      safe += "\\n";
      continue;
    }
    if (c == '\\' || c == ';' || c == ',') safe += '\\';
    safe += c;
  }
  return safe;
}

bool continues_a_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

class Lines {
 public:
  /// A content line, folded at 75 octets without its line break (section 3.1), never within a character.
  void add(const std::string& name, const std::string& value) {
    constexpr std::size_t kMost = 75;
    std::string line = name + ":" + value;
    std::size_t room = kMost;
    while (line.size() > room) {
      std::size_t end = room;
      while (continues_a_character(line[end]))
        --end;
      text_ += line.substr(0, end) + "\r\n ";
      line.erase(0, end);
      room = kMost - 1;
    }
    text_ += line + "\r\n";
  }
  void add_text(const std::string& name, const std::string& value) { add(name, escaped(value)); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

struct Event {
  std::string uid, summary, description;
  WallTime start{};
  std::optional<WallTime> end;  ///< none: a moment
  const char* reminder;         ///< a duration before `start`
};

void add_event(const Event& event, WallTime made, Lines& lines) {
  lines.add("BEGIN", "VEVENT");
  lines.add_text("UID", event.uid);
  lines.add("DTSTAMP", utc(made));
  lines.add("DTSTART", utc(event.start));
  if (event.end) lines.add("DTEND", utc(*event.end));
  lines.add_text("SUMMARY", event.summary);
  lines.add_text("DESCRIPTION", event.description);
  // A moment takes nobody's time.
  lines.add("TRANSP", event.end ? "OPAQUE" : "TRANSPARENT");
  lines.add("BEGIN", "VALARM");
  lines.add("ACTION", "DISPLAY");
  lines.add_text("DESCRIPTION", event.summary);
  lines.add("TRIGGER", event.reminder);
  lines.add("END", "VALARM");
  lines.add("END", "VEVENT");
}

std::string dependents(const std::vector<std::string>& endpoints) {
  if (endpoints.size() == 1) return endpoints.front();
  return std::to_string(endpoints.size()) + " endpoints";
}

std::string subject_of(const CalendarEntry& entry) {
  return base::printable(entry.due.certificate.subject, kLongestSubject);
}

std::string describe(const CalendarEntry& entry, const std::vector<std::string>& endpoints) {
  const verdict::PathCertificate& certificate = entry.due.certificate;
  return "Subject: " + subject_of(entry) + "\nSHA-256: " + certificate.sha256 +
         "\nExpires: " + base::format_rfc3339(certificate.not_after) +
         "\nEndpoints: " + base::join(endpoints, ", ");
}

/// Which certificate; where its fingerprint is not known, its subject and end.
std::string fingerprint(const CalendarEntry& entry) {
  const verdict::PathCertificate& certificate = entry.due.certificate;
  return certificate.sha256.empty() ? certificate.subject + "-" + utc(certificate.not_after)
                                    : certificate.sha256;
}

/// `plan` counts the plans of one certificate from 1.
Event rotation_event(const CalendarEntry& entry, int plan, WallTime now) {
  Event event;
  event.uid = fingerprint(entry) + "-rotate" + (plan > 1 ? "-" + std::to_string(plan) : "") + "@tlswarden";
  event.summary = "Rotate the " + noun_of(entry.due.certificate) + " " + subject_of(entry) + " (" +
                  dependents(entry.endpoints) + ")";
  event.description = describe(entry, entry.endpoints);
  event.start = verdict::act_by(entry.due, now);
  event.reminder = "-P1D";
  if (entry.due.plan.window) {
    event.start = entry.due.plan.window->start;
    event.end = entry.due.plan.window->end;
    event.description += "\nWindow: " + verdict::local_text(*entry.due.plan.window, entry.due.plan.time_zone);
  } else if (entry.windows_declared) {
    event.description += entry.due.plan.no_window_left ? "\nNo maintenance window is left for it."
                                                       : "\nNo maintenance window fits into its life.";
  }
  return event;
}

Event expiry_event(const CalendarEntry& entry, const std::vector<std::string>& endpoints) {
  return {fingerprint(entry) + "-expiry@tlswarden",
          "The " + noun_of(entry.due.certificate) + " " + subject_of(entry) + " expires (" +
              dependents(endpoints) + ")",
          describe(entry, endpoints),
          entry.due.certificate.not_after,
          std::nullopt,
          "-P1D"};
}

/// Certificate by certificate, all endpoints whatever their plans.
std::map<std::string, std::vector<std::string>> dependents_by_certificate(const Calendar& calendar) {
  std::map<std::string, std::vector<std::string>> all;
  for (const CalendarEntry& entry : calendar.entries) {
    auto& endpoints = all[fingerprint(entry)];
    endpoints.insert(endpoints.end(), entry.endpoints.begin(), entry.endpoints.end());
  }
  for (auto& [certificate, endpoints] : all)
    std::sort(endpoints.begin(), endpoints.end());
  return all;
}

}  // namespace

std::string calendar_file(const Calendar& calendar) {
  auto dependents = dependents_by_certificate(calendar);
  Lines lines;
  lines.add("BEGIN", "VCALENDAR");
  lines.add("VERSION", "2.0");
  lines.add("PRODID", "-//tlswarden.dev//tlswarden//EN");
  std::map<std::string, int> plans;
  for (const CalendarEntry& entry : calendar.entries) {
    add_event(rotation_event(entry, ++plans[fingerprint(entry)], calendar.now), calendar.made, lines);
    // The certificate expires once, whatever the plans are.
    const auto own = dependents.extract(fingerprint(entry));
    if (!own.empty()) add_event(expiry_event(entry, own.mapped()), calendar.made, lines);
  }
  lines.add("END", "VCALENDAR");
  return lines.take();
}

}  // namespace tlswarden::cli

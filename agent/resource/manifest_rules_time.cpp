#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "base/duration.hpp"
#include "base/suggest.hpp"
#include "base/text.hpp"
#include "resource/manifest_rules.hpp"
#include "resource/schema_validation.hpp"

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;
using base::Seconds;

constexpr Seconds kDay{86400};
const char* const kUnitMissing =
    "the unit is missing; accepted: a duration such as 90s, 5m, 1h30m, 28d or 2w";

struct Range {
  const char* field;
  Seconds least, most;
};

constexpr std::array<Range, 6> kRanges{{{"checkInterval", Seconds(5), 7 * kDay},
                                        {"timeout", Seconds(1), Seconds(300)},
                                        {"rotation.leadTime", Seconds(0), 90 * kDay},
                                        {"rotation.reloadGrace", Seconds(0), 90 * kDay},
                                        {"plaintextCheck.interval", Seconds(60), 90 * kDay},
                                        {"legacyProtocolCheck.interval", Seconds(60), 90 * kDay}}};
constexpr Seconds kShortestWindow{60};
constexpr Seconds kLongestWindow = 7 * kDay;

/// Reads the duration at `path` of `spec`, reporting what is wrong with it; nothing where there is none to
/// work with.
std::optional<Seconds> read_span(const Json& spec, const FieldPath& path, Report& report) {
  const Json* value = find(spec, path);
  const FieldPath field = FieldPath::of("spec").join(path);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) {
    report.error(field, kUnitMissing);
    return std::nullopt;
  }
  const std::string* text = value->get_ptr<const std::string*>();
  if (text == nullptr) return std::nullopt;
  const auto span = base::parse_duration(*text);
  if (!span) {
    const std::string message = base::printable(span.error().message, 200);
    const bool names_remedy = message.find(';') != std::string::npos;
    report.error(field, message + (names_remedy ? "" : "; accepted: a shorter duration, such as 28d"));
    return std::nullopt;
  }
  return *span;
}

void check_range(const FieldPath& field, Seconds span, Seconds least, Seconds most, Report& report) {
  if (span >= least && span <= most) return;
  report.error(field, base::format_duration(span) + " is out of range; accepted: from " +
                          base::format_duration(least) + " to " + base::format_duration(most));
}

Seconds default_of(const char* field) {
  const Json* schema = field_schema(FieldPath::of("spec").join(FieldPath::of(field)));
  return base::parse_duration(schema->at("default").get<std::string>()).value_or(Seconds(0));
}

void report_intervals(const Json& spec, Report& report) {
  for (const Range& range : kRanges) {
    const FieldPath path = FieldPath::of(range.field);
    const auto span = read_span(spec, path, report);
    if (span) check_range(FieldPath::of("spec").join(path), *span, range.least, range.most, report);
  }
  const FieldPath timeout_field = FieldPath::of("spec.timeout");
  if (report.has_error(timeout_field) || report.has_error(FieldPath::of("spec.checkInterval"))) return;
  const auto span_or_default = [&](const char* field) {
    const std::string* text = find_string(spec, FieldPath::of(field));
    return text == nullptr ? default_of(field) : base::parse_duration(*text).value_or(Seconds(0));
  };
  const Seconds timeout = span_or_default("timeout");
  const Seconds interval = span_or_default("checkInterval");
  if (timeout < interval || interval == Seconds(0)) return;
  const bool declared = spec.contains("timeout");
  report.error(timeout_field, base::format_duration(timeout) + (declared ? "" : ", the default,") +
                                  " is not shorter than checkInterval; accepted: less than " +
                                  base::format_duration(interval));
}

/// rotation.warnBefore or criticalBefore: a span, or a share of the lifetime.
struct Share {
  std::optional<Seconds> span;
  std::optional<int> percent;
};

std::optional<Share> read_share(const Json& spec, const char* field, Report& report) {
  const FieldPath path = FieldPath::of(field);
  const Json* value = find(spec, path);
  const FieldPath full = FieldPath::of("spec").join(path);
  if (value == nullptr || value->is_null()) return std::nullopt;
  const std::string* text = value->get_ptr<const std::string*>();
  if (value->is_number()) {
    report.error(
        full,
        "the unit is missing; accepted: a duration such as 28d, or a share of the lifetime such as 20%");
  } else if (text != nullptr && text->ends_with('%')) {
    const std::string_view digits = std::string_view(*text).substr(0, text->size() - 1);
    const bool number = !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (number && digits.size() <= 2 && digits[0] != '0') return Share{{}, std::stoi(*text)};
    report.error(full,
                 "'" + base::printable(*text, 40) + "' is no share of the lifetime; accepted: 1% to 99%");
  } else if (text != nullptr) {
    if (const auto span = base::parse_duration(*text)) return Share{*span, {}};
    report.error(full,
                 "'" + base::printable(*text, 40) +
                     "' is neither a duration nor a share of the lifetime; accepted: 28d, 1d12h or 20%");
  }
  return std::nullopt;
}

void report_thresholds(const Json& spec, Report& report) {
  const auto warn = read_share(spec, "rotation.warnBefore", report);
  const auto critical = read_share(spec, "rotation.criticalBefore", report);
  if (!critical) return;
  const FieldPath field = FieldPath::of("spec.rotation.criticalBefore");
  const bool warn_declared = find(spec, FieldPath::of("rotation.warnBefore")) != nullptr;
  // Two of a kind compare by themselves; the defaults of warnBefore are never above a third of the lifetime
  // and 28d.
  if (warn && ((warn->span && critical->span && *critical->span >= *warn->span) ||
               (warn->percent && critical->percent && *critical->percent >= *warn->percent))) {
    report.error(field, "it is not shorter than warnBefore; accepted: less than warnBefore");
  } else if (!warn_declared && ((critical->span && *critical->span >= 28 * kDay) ||
                                (critical->percent && *critical->percent > 33))) {
    report.error(
        field,
        "it is not shorter than the default of warnBefore, a third of the lifetime and at most 28d; declare "
        "a longer warnBefore too");
  }
}

/// berlin → Berlin, new_york → New_York: as the database writes places.
std::string capitalised(std::string text) {
  bool first = true;
  for (char& c : text) {
    if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    first = c == '/' || c == '_';
  }
  return text;
}

/// A name of the IANA time zone database as far as that can be told without the database: its first part is
/// one of these areas, or it stands alone.
void check_time_zone(const std::string& zone, const FieldPath& field, Report& report) {
  static const std::vector<std::string> areas{
      "Africa", "America", "Antarctica", "Arctic", "Asia",   "Atlantic", "Australia", "Brazil",
      "Canada", "Chile",   "Etc",        "Europe", "Indian", "Mexico",   "Pacific",   "US"};
  static const std::set<std::string> alone{
      "UTC",     "GMT",    "UCT",      "Zulu",  "Universal", "Greenwich", "CET",     "EET",      "MET",
      "WET",     "EST",    "MST",      "HST",   "GB",        "GB-Eire",   "EST5EDT", "CST6CDT",  "MST7MDT",
      "PST8PDT", "Cuba",   "Egypt",    "Eire",  "GMT0",      "GMT+0",     "GMT-0",   "Hongkong", "Iceland",
      "Iran",    "Israel", "Jamaica",  "Japan", "Kwajalein", "Libya",     "NZ",      "NZ-CHAT",  "Navajo",
      "PRC",     "Poland", "Portugal", "ROC",   "ROK",       "Singapore", "Turkey",  "W-SU"};
  const std::size_t slash = zone.find('/');
  const std::string area = zone.substr(0, slash);
  if (slash == std::string::npos ? alone.contains(zone)
                                 : std::find(areas.begin(), areas.end(), area) != areas.end()) {
    return;
  }
  std::string message = "'" + base::printable(zone, 60) + "' is no IANA time zone; ";
  const bool names_place = slash != std::string::npos && zone.find('.') == std::string::npos;
  const auto meant = names_place ? base::nearest(area, areas) : std::nullopt;
  if (meant)
    message += "did you mean " + *meant + base::printable(capitalised(zone.substr(slash)), 60) + "? ";
  report.error(field, message + "accepted: a name such as Europe/Berlin or UTC");
}

void report_windows(const Json& spec, Report& report) {
  const FieldPath list = FieldPath::of("rotation.maintenanceWindows");
  const Json* windows = find(spec, list);
  if (windows == nullptr || !windows->is_array()) return;
  const std::size_t count = items_to_check(*field_schema(FieldPath::of("spec").join(list)), *windows);
  for (std::size_t i = 0; i < count; ++i) {
    const FieldPath window = list.item(i);
    const FieldPath field = FieldPath::of("spec").join(window);
    if (const auto span = read_span(spec, window.key("duration"), report)) {
      check_range(field.key("duration"), *span, kShortestWindow, kLongestWindow, report);
    }
    if (const std::string* zone = find_string(spec, window.key("timeZone"))) {
      check_time_zone(*zone, field.key("timeZone"), report);
    }
  }
}

}  // namespace

void report_times(const Json& spec, Report& report) {
  report_intervals(spec, report);
  report_thresholds(spec, report);
  report_windows(spec, report);
}

}  // namespace tlswarden::resource

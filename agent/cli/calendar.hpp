#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "cli/text_layout.hpp"
#include "resource/endpoint.hpp"
#include "verdict/endpoint_calendar.hpp"

/// `check --calendar`: what expires or must be rotated when. Pure.
namespace tlswarden::cli {

/// One certificate and everything that depends on it by the same plan.
struct CalendarEntry {
  verdict::RotationVerdict::Due due;
  bool windows_declared = false;
  std::vector<std::string> endpoints;  ///< their keys, sorted
};

struct Calendar {
  std::vector<CalendarEntry> entries;  ///< by the date to rotate by, then by expiry
  std::vector<std::string> notes;      ///< "payments/orders: …"
  std::vector<std::string> without;    ///< keys of endpoints that showed no certificate
  base::WallTime now{};                ///< the day that is judged
  base::WallTime made{};               ///< when this is written
};

using PlannedEndpoint = std::pair<const resource::DatabaseEndpoint*, verdict::EndpointCalendar>;

/// Puts together what is one certificate to several endpoints, unless their windows or lead times differ.
Calendar make_calendar(std::span<const PlannedEndpoint> endpoints, base::WallTime now, base::WallTime made);

/// "certificate", "intermediate certificate", "CA certificate", "client certificate".
std::string noun_of(const verdict::PathCertificate& certificate);

/// For people: a row for each entry with its window in the window's own time zone, then the notes.
std::string calendar_table(const Calendar& calendar, const Layout& layout);

}  // namespace tlswarden::cli

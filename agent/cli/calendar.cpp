#include "cli/calendar.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace tlswarden::cli {
namespace {

using verdict::PathCertificate;

/// What makes one entry of several: the certificate, and when it can and must be rotated.
auto identity_of(const verdict::RotationVerdict::Due& due, bool windows_declared) {
  const PathCertificate& certificate = due.certificate;
  const resource::TimeWindow window = due.plan.window.value_or(resource::TimeWindow{});
  return std::tuple(certificate.sha256, certificate.subject, certificate.not_after, due.plan.rotate_by,
                    window.start, window.end, due.plan.time_zone, windows_declared);
}

}  // namespace

Calendar make_calendar(std::span<const PlannedEndpoint> endpoints, base::WallTime now, base::WallTime made) {
  Calendar calendar{{}, {}, {}, now, made};
  std::map<decltype(identity_of({}, {})), CalendarEntry> entries;
  for (const auto& [endpoint, planned] : endpoints) {
    const bool declared = !endpoint->spec.rotation.maintenance_windows.empty();
    for (const verdict::RotationVerdict::Due& due : planned.certificates) {
      CalendarEntry& entry =
          entries.try_emplace(identity_of(due, declared), CalendarEntry{due, declared, {}}).first->second;
      entry.endpoints.push_back(endpoint->key());
    }
    for (const std::string& note : planned.notes)
      calendar.notes.push_back(endpoint->key() + ": " + note);
    if (!planned.server_seen) calendar.without.push_back(endpoint->key());
  }
  for (auto& [identity, entry] : entries) {
    std::sort(entry.endpoints.begin(), entry.endpoints.end());
    calendar.entries.push_back(std::move(entry));
  }
  std::stable_sort(calendar.entries.begin(), calendar.entries.end(), [](const auto& a, const auto& b) {
    return std::tie(a.due.plan.rotate_by, a.due.certificate.not_after, a.endpoints) <
           std::tie(b.due.plan.rotate_by, b.due.certificate.not_after, b.endpoints);
  });
  return calendar;
}

std::string noun_of(const PathCertificate& certificate) {
  if (certificate.role == "leaf") return "certificate";
  return (certificate.role == "root" ? "CA" : certificate.role) + " certificate";
}

}  // namespace tlswarden::cli

#pragma once

#include <string>

#include "cli/calendar.hpp"

namespace tlswarden::cli {

/// An iCalendar object (RFC 5545) to import or subscribe to: for each entry an event in its maintenance
/// window, or at the moment to rotate by where there is none, and for each certificate one at its expiry,
/// all in UTC with a reminder before. An event keeps its UID from run to run, also when other endpoints come
/// to depend on the certificate or its windows change, so that importing again updates it: the UID names the
/// certificate, and which of its plans by their dates. `calendar` has at least one entry, as the format
/// demands.
std::string calendar_file(const Calendar& calendar);

}  // namespace tlswarden::cli

#include "cli/calendar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "cli/calendar_file.hpp"

namespace tlswarden::cli {
namespace {

using base::Seconds;
using base::WallTime;
using resource::DatabaseEndpoint;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr WallTime kNow{Seconds{1'772'366'400}};  // 2026-03-01T12:00:00Z, a Sunday
constexpr Seconds kDay{86400};

DatabaseEndpoint endpoint(const std::string& name, bool windows = false) {
  DatabaseEndpoint made;
  made.metadata.name = name;
  made.metadata.ns = "payments";
  if (windows)
    made.spec.rotation.maintenance_windows.push_back({{"Sat"}, "02:00", Seconds(7200), "Europe/Berlin"});
  return made;
}

verdict::PathCertificate certificate(const std::string& role, int days, const std::string& fingerprint) {
  verdict::PathCertificate made{role, fingerprint, "CN=" + fingerprint};
  made.not_before = kNow - 60 * kDay;
  made.not_after = kNow + days * kDay;
  return made;
}

verdict::EndpointCalendar planned(const DatabaseEndpoint& endpoint, verdict::PathCertificates certificates) {
  verdict::EndpointCalendar calendar;
  calendar.certificates = verdict::judge_rotation(certificates, endpoint.spec.rotation, kNow).all;
  calendar.server_seen = true;
  return calendar;
}

class CalendarTest : public ::testing::Test {
 protected:
  void add(const DatabaseEndpoint& endpoint, verdict::PathCertificates certificates) {
    endpoints_.push_back(std::make_unique<DatabaseEndpoint>(endpoint));
    planned_.emplace_back(endpoints_.back().get(), planned(endpoint, std::move(certificates)));
  }
  Calendar calendar() const { return make_calendar(planned_, kNow, kNow); }
  std::string file() const { return calendar_file(calendar()); }

  std::vector<std::unique_ptr<DatabaseEndpoint>> endpoints_;
  std::vector<PlannedEndpoint> planned_;
};

TEST_F(CalendarTest, WhatSeveralEndpointsShareStandsOnceAndTheFirstDateFirst) {
  add(endpoint("b"), {certificate("leaf", 60, "b1"), certificate("intermediate", 30, "shared")});
  add(endpoint("a"), {certificate("leaf", 10, "a1"), certificate("intermediate", 30, "shared")});
  const Calendar made = calendar();
  std::vector<std::string> order;
  for (const CalendarEntry& entry : made.entries)
    order.push_back(entry.due.certificate.sha256 + " " + base::join(entry.endpoints, " "));
  EXPECT_THAT(order, ElementsAre("a1 payments/a", "shared payments/a payments/b", "b1 payments/b"));
}

TEST_F(CalendarTest, OtherWindowsAreAnotherEntryButTheSameExpiry) {
  add(endpoint("a"), {certificate("leaf", 30, "shared")});
  add(endpoint("b", true), {certificate("leaf", 30, "shared")});
  EXPECT_EQ(calendar().entries.size(), 2U);
  const std::string text = file();
  EXPECT_THAT(text, HasSubstr("UID:shared-rotate@tlswarden\r\n"));
  EXPECT_THAT(text, HasSubstr("UID:shared-rotate-2@tlswarden\r\n"));
  const std::size_t expiry = text.find("UID:shared-expiry@tlswarden\r\n");
  ASSERT_NE(expiry, std::string::npos);
  EXPECT_EQ(text.find("UID:shared-expiry@tlswarden", expiry + 1), std::string::npos);
  EXPECT_THAT(text, HasSubstr("SUMMARY:The certificate CN=shared expires (2 endpoints)\r\n"));
}

TEST_F(CalendarTest, AnEventKeepsItsIdentityWhenAnotherEndpointComesFirst) {
  add(endpoint("b"), {certificate("leaf", 30, "shared")});
  const auto identities = [](const std::string& text) {
    std::vector<std::string> found;
    for (std::size_t at = text.find("UID:"); at != std::string::npos; at = text.find("UID:", at + 1))
      found.push_back(text.substr(at, text.find("\r\n", at) - at));
    return found;
  };
  const std::vector<std::string> before = identities(file());
  add(endpoint("a"), {certificate("leaf", 30, "shared")});
  EXPECT_EQ(identities(file()), before);
  EXPECT_THAT(before, ElementsAre("UID:shared-rotate@tlswarden", "UID:shared-expiry@tlswarden"));
}

TEST_F(CalendarTest, TheTableShowsTheWindowInItsOwnZone) {
  add(endpoint("a", true), {certificate("leaf", 30, "a1")});
  EXPECT_EQ(
      calendar_table(calendar(), {}),
      "ROTATE BY                         STATE    EXPIRES     WINDOW                                      "
      " WHAT         SUBJECT  ENDPOINTS\n"
      "2026-03-28T01:00:00Z, in 26 days  Planned  2026-03-31  Sat 2026-03-28 02:00 to 04:00 Europe/Berlin "
      " certificate  CN=a1    payments/a\n");
}

TEST_F(CalendarTest, TheTableSaysWhereNoWindowIsOrFits) {
  add(endpoint("a", true), {certificate("leaf", 3, "a1")});
  add(endpoint("b"), {certificate("client", 3, "b1")});
  auto young = certificate("leaf", 4, "c1");
  young.not_before = kNow;
  add(endpoint("c", true), {young});
  const std::string text = calendar_table(calendar(), {});
  EXPECT_THAT(text, HasSubstr("none is left"));
  EXPECT_THAT(text, HasSubstr("at any time"));
  EXPECT_THAT(text, HasSubstr("none fits"));
  EXPECT_THAT(text, HasSubstr("client certificate"));
  EXPECT_THAT(text, HasSubstr("Overdue"));
}

TEST_F(CalendarTest, TheTableNamesWhatIsNotInIt) {
  add(endpoint("a"), {certificate("leaf", 3, "a1")});
  add(endpoint("down"), {});
  planned_.back().second.server_seen = false;
  planned_.back().second.notes = {"Something does not suit."};
  const std::string text = calendar_table(calendar(), {});
  EXPECT_THAT(text, HasSubstr("because no certificate of the server was seen: payments/down.\n"));
  EXPECT_THAT(text, HasSubstr("payments/down: Something does not suit.\n"));
}

TEST_F(CalendarTest, TheFileHoldsTheWindowInUtcAndAReminder) {
  add(endpoint("a", true), {certificate("leaf", 30, "a1")});
  const std::string text = file();
  EXPECT_THAT(text, testing::StartsWith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"));
  EXPECT_THAT(text, testing::EndsWith("END:VCALENDAR\r\n"));
  EXPECT_THAT(
      text, HasSubstr("DTSTAMP:20260301T120000Z\r\nDTSTART:20260328T010000Z\r\nDTEND:20260328T030000Z\r\n"));
  EXPECT_THAT(text, HasSubstr("TRIGGER:-P1D\r\n"));
  EXPECT_THAT(text, HasSubstr("DTSTART:20260331T120000Z\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("METHOD")));
}

TEST_F(CalendarTest, AnOverdueRotationStandsAtItsDeadline) {
  add(endpoint("a", true), {certificate("leaf", 3, "a1")});
  EXPECT_THAT(file(), HasSubstr("DTSTART:20260303T120000Z\r\n"));
  EXPECT_THAT(file(), HasSubstr("No maintenance window is left for it."));
}

TEST_F(CalendarTest, LinesAreFoldedAt75OctetsWithinNoCharacterAndTextIsEscaped) {
  auto odd = certificate("leaf", 30, "a1");
  odd.subject = "CN=a\\, b;c,O=\x01";
  for (int i = 0; i < 40; ++i)
    odd.subject += "Gemüse…";
  add(endpoint("a"), {odd});
  const std::string text = file();
  std::string unfolded;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 75U);
    const std::string line = text.substr(at, end - at);
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos);
    const std::size_t first = line.starts_with(' ') ? 1 : 0;
    EXPECT_NE(static_cast<unsigned char>(line.at(first)) & 0xC0U, 0x80U) << "a torn character: " << line;
    unfolded += line.starts_with(' ') ? line.substr(1) : "\n" + line;
    at = end + 2;
  }
  EXPECT_THAT(unfolded, HasSubstr("CN=a\\\\\\, b\\;c\\,O=\\\\x01Gemüse…Gemüse…"));
}

}  // namespace
}  // namespace tlswarden::cli

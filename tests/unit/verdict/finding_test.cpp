#include "verdict/finding.hpp"

#include <gtest/gtest.h>

#include "tests/unit/verdict/scenario.hpp"

namespace tlswarden::verdict {
namespace {

TEST(Finding, ComposesSentenceNextStepAndServersWords) {
  EXPECT_EQ(compose("it broke", "Repair it."), "It broke. Next: repair it.");
  EXPECT_EQ(compose("it broke.", {}, "oh\nno"), "It broke.\nServer: \"oh no\"");
  EXPECT_EQ(compose("it broke"), "It broke.");
}

TEST(Finding, LeadingSentenceIsWhatComposeStartedFrom) {
  EXPECT_EQ(leading_sentence(compose("it broke", "repair it", "no")), "It broke");
  EXPECT_EQ(leading_sentence(compose("it broke", {}, "a. Next: b")), "It broke");
  EXPECT_EQ(leading_sentence("plain"), "plain");
}

TEST(Finding, AClauseKeepsNamesAndAbbreviations) {
  EXPECT_EQ(as_clause("The server is down."), "the server is down");
  EXPECT_EQ(as_clause("TLS is off."), "TLS is off");
  EXPECT_EQ(as_clause("PostgreSQL is off"), "PostgreSQL is off");
  EXPECT_EQ(as_clause(""), "");
}

TEST(Finding, ADateStaysTheSameFromDayToDayAndHasItsTimeOnlyWhenItIsNear) {
  EXPECT_EQ(when(kNow, kNow - 3 * kDay), "on 2026-11-19");
  EXPECT_EQ(when(kNow, kNow + 12 * kDay), "on 2026-12-04");
  EXPECT_EQ(when(kNow + 5 * kDay, kNow + 12 * kDay), "on 2026-12-04");
  EXPECT_EQ(when(kNow, kNow + 2 * kDay), "on 2026-11-24 at 12:00 UTC");
  EXPECT_EQ(when(kNow, kNow - kDay), "on 2026-11-21 at 12:00 UTC");
}

}  // namespace
}  // namespace tlswarden::verdict

#include "cli/progress.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace tlswarden::cli {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr const char* kClear = "\r\x1b[K";

TEST(Progress, SaysHowFarItIsAndWhatItWaitsFor) {
  std::ostringstream out;
  Progress progress(out, true, 80, 3);
  progress.begin("a");
  progress.begin("b");
  progress.end("a");
  EXPECT_THAT(out.str(), EndsWith(std::string(kClear) + "checked 1 of 3, waiting for b"));
}

TEST(Progress, LeavesNothingBehind) {
  std::ostringstream out;
  {
    Progress progress(out, true, 80, 1);
    progress.begin("a");
  }
  EXPECT_THAT(out.str(), EndsWith(kClear));
}

TEST(Progress, StaysWithinOneLine) {
  std::ostringstream out;
  Progress progress(out, true, 40, 100);
  for (int i = 0; i < 100; ++i)
    progress.begin("endpoint-" + std::to_string(i));
  const std::string last = out.str().substr(out.str().rfind(kClear) + std::string(kClear).size());
  EXPECT_THAT(last, HasSubstr("…"));
  EXPECT_LT(last.size(), 40U + 3U);
}

TEST(Progress, PrintsNothingOfItsOwnWhereThereIsNoTerminal) {
  std::ostringstream out;
  {
    Progress progress(out, false, 80, 1);
    progress.begin("a");
    progress.print("a transcript\n");
    progress.end("a");
  }
  EXPECT_EQ(out.str(), "a transcript\n");
}

TEST(Progress, PutsWholeLinesAboveItself) {
  std::ostringstream out;
  Progress progress(out, true, 80, 1);
  progress.begin("a");
  progress.print("a transcript\n");
  EXPECT_THAT(out.str(),
              EndsWith(std::string(kClear) + "a transcript\n" + kClear + "checked 0 of 1, waiting for a"));
}

}  // namespace
}  // namespace tlswarden::cli

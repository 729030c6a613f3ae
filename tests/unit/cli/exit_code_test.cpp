#include "cli/exit_code.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tlswarden::cli {
namespace {

using verdict::Severity;

TEST(ExitCode, IsThatOfAMonitoringPlugin) {
  EXPECT_EQ(exit_code(Severity::kOk), 0);
  EXPECT_EQ(exit_code(Severity::kWarning), 1);
  EXPECT_EQ(exit_code(Severity::kCritical), 2);
  EXPECT_EQ(exit_code(Severity::kUnknown), 3);
}

struct Fleet {
  std::vector<Severity> severities;
  Severity worst;
};

class Fleets : public ::testing::TestWithParam<Fleet> {};
INSTANTIATE_TEST_SUITE_P(
    Table, Fleets,
    ::testing::Values(Fleet{{}, Severity::kOk}, Fleet{{Severity::kOk}, Severity::kOk},
                      Fleet{{Severity::kOk, Severity::kWarning}, Severity::kWarning},
                      Fleet{{Severity::kUnknown, Severity::kWarning}, Severity::kUnknown},
                      Fleet{{Severity::kUnknown, Severity::kCritical, Severity::kOk}, Severity::kCritical}));

TEST_P(Fleets, AreAsBadAsTheirWorstWithCertainTroubleBeforeDoubt) {
  EXPECT_EQ(worst(GetParam().severities), GetParam().worst);
}

}  // namespace
}  // namespace tlswarden::cli

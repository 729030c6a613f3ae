#include "base/suggest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tlswarden::base {
namespace {

const std::vector<std::string>& modes() {
  static const std::vector<std::string> names{"disable", "prefer", "require", "verify-ca", "verify-full"};
  return names;
}

TEST(Nearest, IgnoresCaseAndSeparators) {
  EXPECT_EQ(nearest("VERIFY_FULL", modes()), "verify-full");
  EXPECT_EQ(nearest("VerifyCA", modes()), "verify-ca");
  EXPECT_EQ(nearest("verify full", modes()), "verify-full");
}

TEST(Nearest, ForgivesAFewSlips) {
  EXPECT_EQ(nearest("requre", modes()), "require");
  EXPECT_EQ(nearest("Preferred", modes()), "prefer");
  EXPECT_EQ(nearest("disabled", modes()), "disable");
}

TEST(Nearest, StaysSilentWhereNothingIsNear) {
  EXPECT_EQ(nearest("kubernetes", modes()), std::nullopt);
  EXPECT_EQ(nearest("", modes()), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
  EXPECT_EQ(nearest(std::string(100000, 'v'), modes()), std::nullopt);
}

TEST(Nearest, TakesTheEarlierOfEquallyNearOnes) {
  const std::vector<std::string> names{"abcd", "abce"};
  EXPECT_EQ(nearest("abcf", names), "abcd");
}

}  // namespace
}  // namespace tlswarden::base

#include "base/bytes.hpp"

#include <gtest/gtest.h>

namespace tlswarden::base {
namespace {

TEST(Bytes, AndTextAreTwoViewsOfTheSame) {
  EXPECT_EQ(as_text(as_bytes("abc")), "abc");
  EXPECT_EQ(as_text(to_bytes(std::string_view("a\0b", 3))).size(), 3U);
}

TEST(ToHex, IsLowerCaseWithoutSeparators) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0x0f, 0xa0, 0xff}), "000fa0ff");
  EXPECT_EQ(to_hex({}), "");
}

}  // namespace
}  // namespace tlswarden::base

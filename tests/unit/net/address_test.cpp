#include "net/address.hpp"

#include <gtest/gtest.h>

namespace tlswarden::net {
namespace {

TEST(AddressText, PutsIpv6InBrackets) {
  EXPECT_EQ(to_string(Address{"10.0.0.7", 5432}), "10.0.0.7:5432");
  EXPECT_EQ(to_string(Address{"::1", 5432}), "[::1]:5432");
  EXPECT_EQ(to_string(Address{"fe80::1%eth0", 6379}), "[fe80::1%eth0]:6379");
}

}  // namespace
}  // namespace tlswarden::net

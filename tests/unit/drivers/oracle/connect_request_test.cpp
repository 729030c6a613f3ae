#include "drivers/oracle/connect_request.hpp"

#include <gtest/gtest.h>

#include "drivers/oracle/tns_packet.hpp"

namespace tlswarden::drivers::oracle {
namespace {

constexpr std::size_t kDescriptionAt = 74;

probe::Target target(std::string database) {
  probe::Target made;
  made.database = std::move(database);
  return made;
}

TEST(OracleConnectRequest, IsWhatThinClientsSend) {
  const auto bytes = connect_request("orders.example.com");
  const base::ByteView view(bytes);
  EXPECT_EQ(base::to_hex(view.first(kDescriptionAt)),
            "00c1000001000000"
            "013e012c0801"
            "2000ffff4f98"
            "00000001"
            "0077004a"
            "00000000"
            "8484"
            "000000000000000000000000000000000000000000000000"
            "00002000"
            "0000ffff"
            "00000000"
            "00000000");
  EXPECT_EQ(base::as_text(view.subspan(kDescriptionAt)),
            "(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=orders.example.com)"
            "(CID=(PROGRAM=tlswarden)(HOST=tlswarden)(USER=tlswarden))))");
}

TEST(OracleConnectRequest, TellsTheLengthsThatItHas) {
  for (const std::string service : {"x", "g1234567890abcdef_orders_high.adb.oraclecloud.com"}) {
    const auto bytes = connect_request(service);
    EXPECT_EQ(number16(bytes, 0), bytes.size());
    EXPECT_EQ(number16(bytes, 24), bytes.size() - kDescriptionAt);
    EXPECT_EQ(number16(bytes, 26), kDescriptionAt);
  }
}

TEST(OracleConnectRequest, StaysInOnePacketForTheLongestName) {
  std::string longest;
  while (is_service_name(longest + "a"))
    longest += "a";
  EXPECT_GT(longest.size(), 100U);
  EXPECT_EQ(number16(connect_request(longest), 24), 230);
}

TEST(OracleConnectRequest, AsksForTheDeclaredServiceOrForNone) {
  EXPECT_EQ(requested_service(target("orders_high.adb.oraclecloud.com")), "orders_high.adb.oraclecloud.com");
  const auto improbable = requested_service(target(""));
  EXPECT_TRUE(is_service_name(improbable));
  // Parentheses would write another description.
  for (const char* hostile : {"x)(COMMAND=stop", "a b", "\"x\"", "a=b", "x\n", "\xC3\xA4"}) {
    EXPECT_FALSE(is_service_name(hostile));
    EXPECT_EQ(requested_service(target(hostile)), improbable);
  }
}

}  // namespace
}  // namespace tlswarden::drivers::oracle

#include "drivers/oracle/listener_version.hpp"

#include <gtest/gtest.h>

namespace tlswarden::drivers::oracle {
namespace {

struct Row {
  std::uint32_t packed;
  const char* full;
  const char* listener;
};

class OracleVersion : public testing::TestWithParam<Row> {};

TEST_P(OracleVersion, IsUnpacked) {
  EXPECT_EQ(full_version(GetParam().packed), GetParam().full);
  EXPECT_EQ(listener_version(GetParam().packed), GetParam().listener);
}

INSTANTIATE_TEST_SUITE_P(
    BeforeRelease18, OracleVersion,
    testing::Values(Row{135294976, "8.1.7.0.0", "8.1.7.0.0"}, Row{153092352, "9.2.0.1.0", "9.2.0.1.0"},
                    Row{169870592, "10.2.0.5.0", "10.2.0.5.0"}, Row{186646784, "11.2.0.1.0", "11.2.0.1.0"},
                    Row{0x0B200200, "11.2.0.2.0", "11.2.0.2.0"}, Row{202375680, "12.1.0.2.0", "12.1.0.2.0"},
                    Row{203424000, "12.2.0.1.0", "12.2.0.1.0"},
                    Row{0x11FFFFFF, "17.15.255.15.255", "17.15.255.15.255"}));

// The listener of a database with any release update says 19.0.0.0.0.
INSTANTIATE_TEST_SUITE_P(
    FromRelease18, OracleVersion,
    testing::Values(Row{301989888, "18.0.0.0.0", "18"}, Row{318767104, "19.0.0.0.0", "19"},
                    Row{352321536, "21.0.0.0.0", "21"}, Row{0x13030000, "19.3.0.0.0", "19.3"},
                    Row{0x17040000, "23.4.0.0.0", "23.4"}, Row{0x17040185, "23.4.0.24.5", "23.4.0.24.5"},
                    Row{0x13001000, "19.0.1.0.0", "19.0.1"},
                    Row{0xFFFFFFFF, "255.255.15.255.15", "255.255.15.255.15"}));

TEST(OracleListenerVersion, IsEmptyWhereItIsHidden) {
  EXPECT_EQ(listener_version(0), "");
  EXPECT_EQ(listener_version(0x00FFFFFF), "");
}

}  // namespace
}  // namespace tlswarden::drivers::oracle

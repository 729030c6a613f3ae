#include "drivers/oracle/ttc_request.hpp"

#include <gtest/gtest.h>

#include <set>

#include "drivers/oracle/data_types.hpp"
#include "drivers/oracle/tns_packet.hpp"

namespace tlswarden::drivers::oracle {
namespace {

// What python-oracledb 1.2.1 sent, but for its name.

TEST(OracleTtcRequest, NegotiatesAsAThinClient) {
  EXPECT_EQ(base::to_hex(protocol_request()),
            "010600"
            "746c7377617264656e"
            "00");
  const auto types = base::to_hex(data_types_request(kMostFields));
  EXPECT_TRUE(types.starts_with(
      "0269036903012d060000006a00000d01000000000000299003070300010003000004010000001000000c0000b0"
      "0000040000000007020000000000050001000100010000"))
      << types.substr(0, 200);
  EXPECT_EQ(data_types_request(8)[7 + 7], 8);
}

TEST(OracleTtcRequest, ListsEveryDataTypeOnce) {
  const auto list = data_type_list();
  constexpr std::size_t kEntry = 8;
  ASSERT_EQ(list.size(), 311 * kEntry + 2);
  EXPECT_EQ(number16(list, list.size() - 2), 0);
  std::set<std::uint16_t> seen;
  for (std::size_t at = 0; at + kEntry <= list.size(); at += kEntry) {
    EXPECT_TRUE(seen.insert(number16(list, at)).second) << number16(list, at);
    EXPECT_NE(number16(list, at + 2), 0);
    EXPECT_TRUE(number16(list, at + 4) == 1 || number16(list, at + 4) == 10);
    EXPECT_EQ(number16(list, at + 6), 0);
  }
}

TEST(OracleTtcRequest, AsksForTheChallenge) {
  EXPECT_TRUE(base::to_hex(login_request("app"))
                  .starts_with("0376010101030101010105"
                               "0001"
                               "617070"
                               "010d0d415554485f"));
}

TEST(OracleTtcRequest, AnswersTheChallenge) {
  LogonAnswer answer;
  answer.session_key = std::string(64, 'A');
  answer.password = std::string(64, 'B');
  answer.speedy_key = std::string(160, 'C');
  const auto with = base::to_hex(login_answer("app", answer));
  EXPECT_TRUE(
      with.starts_with("037302"
                       "010103"
                       "020101"
                       "010106"
                       "0101"
                       "617070"
                       "010c0c415554485f534553534b4559"
                       "01404041"))
      << with.substr(0, 100);
  answer.speedy_key.clear();
  EXPECT_TRUE(base::to_hex(login_answer("app", answer))
                  .starts_with("037302"
                               "010103"
                               "020101"
                               "010105"
                               "0101"
                               "617070"));
}

TEST(OracleTtcRequest, Queries) {
  EXPECT_EQ(
      base::to_hex(query_request("SELECT BANNER FROM V$VERSION", 13)),
      "035e030280610001011c01010d0000000102047fffffff000000000000000000000001000000000000000000000000000000"
      "53454c4543542042414e4e45522046524f4d2056245645525349"
      "4f4e0101000000000000010100028000000000");
  EXPECT_EQ(query_request("X", 13).size(), query_request("X", 8).size() + 2);
  EXPECT_EQ(query_request("X", 8).size(), query_request("X", 7).size() + 5);
}

TEST(OracleTtcRequest, LogsOff) {
  EXPECT_EQ(base::to_hex(logoff_request()), "030904");
}

}  // namespace
}  // namespace tlswarden::drivers::oracle

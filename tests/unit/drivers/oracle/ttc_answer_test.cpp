#include "drivers/oracle/ttc_answer.hpp"

#include <gtest/gtest.h>

#include "ttc_wire.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using namespace fixtures;
using probe::Cause;

/// Parses a whole answer, which must not be one while any of its bytes is missing.
TtcAnswer parsed(const base::Bytes& bytes, Asked asked, std::uint8_t fields = 13) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto part = parse_answer(base::ByteView(bytes).first(size), asked, fields);
    EXPECT_TRUE(part && !*part) << "took " << size << " of " << bytes.size() << " bytes for an answer";
  }
  const auto answer = parse_answer(bytes, asked, fields);
  EXPECT_TRUE(answer && *answer);
  return answer && *answer ? **answer : TtcAnswer{};
}

void expect_broken(const base::Bytes& bytes, Asked asked) {
  const auto answer = parse_answer(bytes, asked, 13);
  ASSERT_FALSE(answer) << base::to_hex(bytes);
  EXPECT_EQ(answer.error(), Cause::kMalformedMessage);
}

TEST(OracleTtcAnswer, ReadsTheNegotiation) {
  EXPECT_EQ(parsed(protocol(16), Asked::kProtocol).fields, 16);
  EXPECT_EQ(parsed(kDataTypes, Asked::kDataTypes).error, 0U);
  expect_broken(hex("010600"
                    "00"
                    "690301"
                    "0000"
                    "0000"
                    "0100"
                    "0100"),
                Asked::kProtocol);
}

TEST(OracleTtcAnswer, ReadsTheParametersOfALogin) {
  const auto answer = parsed(
      parameters({{"AUTH_SESSKEY", "00FF"}, {"AUTH_VFR_DATA", "AA", 0x4815}, {"AUTH_EMPTY", ""}}) + kStatus,
      Asked::kLogin);
  EXPECT_EQ(answer.parameter("AUTH_SESSKEY"), "00FF");
  EXPECT_EQ(answer.parameter("AUTH_EMPTY"), "");
  EXPECT_EQ(answer.parameter("AUTH_ABSENT"), "");
  EXPECT_EQ(answer.verifier_type, 0x4815U);
}

TEST(OracleTtcAnswer, ReadsAnError) {
  const auto answer = parsed(error(1017, "ORA-01017: invalid username/password\n"), Asked::kLogin);
  EXPECT_EQ(answer.error, 1017U);
  EXPECT_EQ(answer.error_text, "ORA-01017: invalid username/password\n");
}

TEST(OracleTtcAnswer, ReadsTheFirstValueOfAResult) {
  const auto end = error(1403, "ORA-01403: no data found\n");
  for (const std::uint8_t fields : {6, 7, 8, 13}) {
    const auto answer = parsed(description(fields) + row("tcps") + end, Asked::kQuery, fields);
    EXPECT_EQ(answer.value, "tcps");
    EXPECT_EQ(answer.error, 0U) << "the end of the rows is no error";
  }
  EXPECT_EQ(parsed(description(13, 96) + row("tcp ") + end, Asked::kQuery).value, "tcp ");
  EXPECT_FALSE(parsed(description() + end, Asked::kQuery).value);
  // Between them a server may tell where it stands.
  const auto with = description() + row("tcps") +
                    hex("08"
                        "0101"
                        "0101"
                        "00"
                        "00"
                        "00") +
                    end;
  EXPECT_EQ(parsed(with, Asked::kQuery).value, "tcps");
}

TEST(OracleTtcAnswer, SkipsWhatAServerSaysBesides) {
  const std::vector<base::Bytes> besides{
      base::Bytes{15} + number(28002) + number(5) + zeros(1) + text("ORA-2"),  // the password will expire
      base::Bytes{15, 0, 0, 0},
      hex("1701"),
      hex("1703"),
      hex("1702"
          "0102"
          "00"
          "aabb"),
      hex("1707"
          "0103"
          "03aabbcc"),
      hex("1707"
          "00"),
      hex("1704"
          "00"
          "00"
          "0101"
          "00"
          "0101"
          "0161"
          "0101"
          "0162"
          "00"
          "00"
          "0105"
          "0107"),
      hex("1704"
          "00"
          "00"
          "00"
          "00"
          "00"
          "00"),
      hex("1705"
          "00"
          "00"
          "0101"
          "00"
          "0101"
          "0161"
          "00"
          "00"
          "00"),
      hex("1708"
          "00"
          "00"
          "00"
          "00"
          "00"
          "0102"
          "02aabb"),
      hex("1709"
          "00"
          "00"),
  };
  for (const auto& message : besides)
    EXPECT_EQ(parsed(message + parameters({{"A", "1"}}) + kStatus, Asked::kLogin).parameter("A"), "1")
        << base::to_hex(message);
}

TEST(OracleTtcAnswer, RefusesWhatCannotBe) {
  expect_broken(hex("63"), Asked::kLogin);  // no such message
  expect_broken(hex("17"
                    "63"),
                Asked::kLogin);             // no such addition
  expect_broken(hex("06"), Asked::kLogin);  // rows where none were asked for
  expect_broken(hex("07"
                    "0161"),
                Asked::kQuery);                         // a row of nothing
  expect_broken(description(13, 2), Asked::kQuery);     // a number
  expect_broken(description(13, 1, 2), Asked::kQuery);  // two columns
  expect_broken(hex("08"
                    "020101"),
                Asked::kLogin);  // 257 parameters
  expect_broken(hex("08"
                    "09"),
                Asked::kLogin);  // a number of nine bytes
  expect_broken(hex("1705"
                    "00"
                    "00"
                    "04ffffffff"),
                Asked::kLogin);
}

TEST(OracleTtcAnswer, SurvivesEveryChangedByte) {
  const auto login = parameters({{"AUTH_SESSKEY", "00FF"}, {"AUTH_VFR_DATA", "AA", 0x4815}}) + kStatus;
  const auto query = description() + row("tcps") + error(1403, "ORA-01403\n");
  for (const auto& [asked, whole] : {std::pair{Asked::kLogin, login}, std::pair{Asked::kQuery, query},
                                     std::pair{Asked::kProtocol, protocol()}}) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (unsigned value = 0; value < 256; ++value) {
        auto changed = whole;
        changed[at] = static_cast<std::uint8_t>(value);
        const auto answer = parse_answer(changed, asked, 13);
        if (answer && *answer) {
          EXPECT_LE((*answer)->parameters.size(), 256U);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tlswarden::drivers::oracle

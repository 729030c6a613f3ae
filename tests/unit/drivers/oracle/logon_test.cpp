#include "drivers/oracle/logon.hpp"

#include <gtest/gtest.h>

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;

/// What python's hashlib and cryptography make of the same password, salts and halves, as python-oracledb
/// (with a mixing salt) and node-oracledb (without) put them together.
struct Vector {
  std::uint32_t type;
  const char *theirs, *salt, *mixing_salt, *session_key, *password, *speedy_key, *key, *proof;
};

const Vector k12c{
    0x4815,
    "2633DBCAB8EAF0610811DC03748E3D5490455477AB898FD13F4FFDD4B6E9BEF7",
    "404142434445464748494A4B4C4D4E4F",
    "606162636465666768696A6B6C6D6E6F",
    "3A7944B46BECFDE78DBE3E02783069FB630BB0D654579CA9A000C0A83804CCD3",
    "1BB2E029E7371D526BB0BC4BC48AE0B72D19F0D87BE4CFE050ECB1850F9B559D",
    "69353EB3FAFE24A720FCD84503F25AEE7050EF3B8358D0A4D87B9F3C94FAF33BE6C20FDFEAAD6A7BBC6CEF20634CE643"
    "9BF43B929C863C91FB2419911091186C24B64C83232EC6AD9FDAC618676249BF",
    "d618787dae8732ed28f01264d75d5243609f39d09ec3c6e15557c98606a18786",
    "EFFA4CAB2039F353372B4F26D0A80624FB5AB73D17DE406032ACDFE63D0B02AF"};
const Vector k11g{0x1B25,
                  "85431A1B29F28B86612948A5D8FA155C969B2004C64504B32E55226F37673373",
                  "40414243444546474849",
                  "606162636465666768696A6B6C6D6E6F",
                  "4FF8C7C435D023AE370AD38268055B179B223668AF7B5688EC8A799E252FCC52",
                  "D27361733D96765D7C7BC822F25928468052D1C1F8A4A6914130E1BF1BD77103",
                  "",
                  "72bcf906feeda2c547dfa74dcc22685dea5a9c196d9aa54c",
                  "71FF5E568A9B2CA05BD6CE780650B9F4E82A94DE3F68546532D54B76F3274CF8"};
const Vector kOld{
    0xB152,
    "85431A1B29F28B86612948A5D8FA155C969B2004C64504B32E55226F37673373BCB9C343ACD73D0FB707CD33AD7564D6",
    "40414243444546474849",
    "",
    "4FF8C7C435D023AE370AD38268055B179B223668AF7B5688EC8A799E252FCC5265AA40C559CE5F4CC48657C5EC8BC3D5",
    "785CD842E5390FDCDA4975051B4C6D422CFC9B116471F34E5178C50A36DF2A8C",
    "",
    "87e84e6612ea03be719e4e02d6a78ba5aa68693e2487f477",
    "8016F9D43D43F045041BCD060A6A8270299AAEB0EE4FE0E85CF6E58774569F66"};

TtcAnswer asked(const Vector& vector) {
  TtcAnswer answer;
  answer.verifier_type = vector.type;
  answer.parameters = {{"AUTH_SESSKEY", vector.theirs},
                       {"AUTH_VFR_DATA", vector.salt},
                       {"AUTH_PBKDF2_CSK_SALT", vector.mixing_salt},
                       {"AUTH_PBKDF2_VGEN_COUNT", "4096"},
                       {"AUTH_PBKDF2_SDER_COUNT", "3"}};
  return answer;
}

/// 0, 1, 2, ... over all calls.
RandomBytes counting() {
  return [next = std::uint8_t{0}](std::span<std::uint8_t> out) mutable {
    for (auto& byte : out)
      byte = next++;
  };
}

class OracleLogon : public testing::TestWithParam<const Vector*> {};

TEST_P(OracleLogon, AnswersAsTheThinClientsDo) {
  const Vector& vector = *GetParam();
  const auto challenge = read_challenge(asked(vector));
  ASSERT_TRUE(challenge);
  const auto answer = answer_challenge(*challenge, base::Secret("s3cret-tiger"), counting());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->session_key, vector.session_key);
  EXPECT_EQ(answer->password, vector.password);
  EXPECT_EQ(answer->speedy_key, vector.speedy_key);
  EXPECT_EQ(base::to_hex(answer->key.bytes()), vector.key);
  EXPECT_TRUE(proves_itself(vector.proof, answer->key));
}

TEST_P(OracleLogon, BelievesNoServerWithoutTheKey) {
  const auto challenge = read_challenge(asked(*GetParam()));
  const auto answer = answer_challenge(*challenge, base::Secret("another-password"), counting());
  ASSERT_TRUE(answer);
  for (const std::string& response :
       {std::string(GetParam()->proof), std::string(), std::string("00"), std::string(64, '0'),
        std::string(63, '0'), std::string("zz"), std::string(2000, 'A')}) {
    EXPECT_FALSE(proves_itself(response, answer->key)) << response;
  }
}

INSTANTIATE_TEST_SUITE_P(Verifiers, OracleLogon, testing::Values(&k12c, &k11g, &kOld));

TEST(OracleLogonChallenge, RefusesWhatCannotBe) {
  const auto cause_with = [](const Vector& vector, const char* name, const std::string& value) {
    auto answer = asked(vector);
    for (auto& [key, old] : answer.parameters) {
      if (key == name) old = value;
    }
    const auto challenge = read_challenge(answer);
    return challenge ? Cause::kInternal : challenge.error();
  };
  for (const char* rounds : {"", "0", "-1", "100001", "4294967297", "3x", "99999999999999999999"}) {
    EXPECT_EQ(cause_with(k12c, "AUTH_PBKDF2_SDER_COUNT", rounds), Cause::kMalformedMessage) << rounds;
    EXPECT_EQ(cause_with(k12c, "AUTH_PBKDF2_VGEN_COUNT", rounds), Cause::kMalformedMessage) << rounds;
  }
  for (const std::string& half :
       {std::string(), std::string("00"), std::string(60, '0'), std::string(66, '0'), std::string(160, '0'),
        std::string(64, 'g'), std::string(100000, '0')}) {
    EXPECT_EQ(cause_with(k12c, "AUTH_SESSKEY", half), Cause::kMalformedMessage) << half.size();
    EXPECT_EQ(cause_with(kOld, "AUTH_SESSKEY", half), Cause::kMalformedMessage) << half.size();
  }
  EXPECT_EQ(cause_with(k12c, "AUTH_VFR_DATA", ""), Cause::kMalformedMessage);
  // A 12c verifier came with the mixing salt.
  EXPECT_EQ(cause_with(k12c, "AUTH_PBKDF2_CSK_SALT", ""), Cause::kMalformedMessage);
}

TEST(OracleLogonChallenge, NamesAVerifierThatIsTooOld) {
  auto answer = asked(k11g);
  answer.verifier_type = 0x939;
  EXPECT_EQ(read_challenge(answer).error(), Cause::kUnsupported);
  answer.verifier_type = 0;
  EXPECT_EQ(read_challenge(answer).error(), Cause::kMalformedMessage);
}

TEST(OracleLogonChallenge, UsesRandomnessOfItsOwn) {
  std::array<std::uint8_t, 32> one{}, two{};
  random_bytes(one);
  random_bytes(two);
  EXPECT_NE(one, two);
}

}  // namespace
}  // namespace tlswarden::drivers::oracle

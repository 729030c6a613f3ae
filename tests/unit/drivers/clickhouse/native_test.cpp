#include "drivers/clickhouse/native.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace tlswarden::drivers::clickhouse {
namespace {

using probe::Cause;
using State = HelloReader::State;

State feed(HelloReader& reader, const std::string& text) {
  return reader.feed(base::as_bytes(text));
}

TEST(ClickHouseHello, IsALogin) {
  const auto secret = hello("db", "app", "pw");
  const std::string expected = std::string(1, '\0') + "\x09tlswarden\x01" + std::string(1, '\0') +
                               "\x81\xa9\x03" +
                               "\x02"
                               "db"
                               "\x03"
                               "app"
                               "\x02"
                               "pw";
  EXPECT_EQ(secret.reveal(), expected);
}

TEST(ClickHouseHello, WritesLongTextsToo) {
  const std::string password(300, 'p');
  const auto secret = hello("", "", password);
  EXPECT_TRUE(secret.reveal().ends_with("\xac\x02" + password));
}

TEST(ClickHouseHello, ReadsTheServersVersion) {
  HelloReader reader;
  ASSERT_EQ(feed(reader, fixtures::kServerHello), State::kAnswered);
  EXPECT_EQ(reader.version(), "24.1.3");
  EXPECT_FALSE(reader.error());
}

TEST(ClickHouseHello, ReadsTheVersionOfServersThatTellNoPatch) {
  HelloReader reader;
  ASSERT_EQ(feed(reader, std::string(1, '\0') + fixtures::text("ClickHouse") + "\x01\x01\xa9\xa6\x03"),
            State::kAnswered);
  EXPECT_EQ(reader.version(), "1.1.54057");
}

TEST(ClickHouseHello, ReadsAnExceptionUpToItsText) {
  HelloReader reader;
  ASSERT_EQ(feed(reader, fixtures::exception(516, "app: Authentication failed")), State::kAnswered);
  ASSERT_TRUE(reader.error());
  EXPECT_EQ(reader.error()->code, 516);
  EXPECT_EQ(reader.error()->text, "app: Authentication failed");
  EXPECT_EQ(reader.version(), "");
}

TEST(ClickHouseHello, WaitsForTheRest) {
  for (const auto& whole : {fixtures::kServerHello, fixtures::exception(192, "no").substr(0, 22)}) {
    HelloReader reader;
    for (std::size_t i = 0; i + 1 < whole.size(); ++i)
      ASSERT_EQ(feed(reader, whole.substr(i, 1)), State::kReading) << i;
    EXPECT_EQ(feed(reader, whole.substr(whole.size() - 1)), State::kAnswered);
  }
}

TEST(ClickHouseHello, EndsWithWhatIsNoAnswer) {
  const auto cause = [](const std::string& text) {
    HelloReader reader;
    EXPECT_EQ(feed(reader, text), State::kBroken);
    return reader.broken();
  };
  EXPECT_EQ(cause("\x01"), Cause::kNotThisProtocol) << "a data packet";
  EXPECT_EQ(cause("HTTP/1.1 400"), Cause::kNotThisProtocol);
  EXPECT_EQ(cause(std::string(64, '\0')), Cause::kNotThisProtocol) << "a hello without a name";
  EXPECT_EQ(cause(std::string(64, '\x02')), Cause::kNotThisProtocol) << "an exception without a name";
  EXPECT_EQ(cause(std::string(1, '\0') + "\xff\xff\xff\x7f"), Cause::kMalformedMessage)
      << "a length out of bounds";
  EXPECT_EQ(cause(std::string(1, '\0') + std::string(10, '\xff')), Cause::kMalformedMessage)
      << "a number out of bounds";
  EXPECT_EQ(cause(std::string(std::size_t{65} * 1024, '\x02')), Cause::kMessageTooLarge);
}

}  // namespace
}  // namespace tlswarden::drivers::clickhouse

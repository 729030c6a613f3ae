#include "drivers/mongodb/message.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using fixtures::op_msg;
using fixtures::op_reply;
using probe::Cause;

std::optional<Cause> fault_of(const base::Bytes& bytes) {
  ReplyReader reader;
  reader.feed(bytes);
  const auto next = reader.next();
  if (next) return std::nullopt;
  return next.error();
}

TEST(MongodbMessage, IsWrittenAsTheManualHasIt) {
  EXPECT_EQ(base::to_hex(greeting(1)), base::to_hex(fixtures::is_master()));
  EXPECT_EQ(base::to_hex(command(2, "buildInfo")), base::to_hex(fixtures::build_info()));
  EXPECT_EQ(base::to_hex(legacy_command(2, "buildInfo")), base::to_hex(fixtures::legacy_build_info()));
}

TEST(MongodbReplyReader, ReadsBothKindsOneAfterTheOther) {
  ReplyReader reader;
  reader.feed(op_reply(1, fixtures::kMongod));
  reader.feed(op_msg(2, fixtures::kBuildInfo));
  const auto first = reader.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->request, 1);
  EXPECT_EQ((*first)->document.number("maxWireVersion"), 21);
  const auto second = reader.next();
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((*second)->document.text("version"), "7.0.14");
  const auto third = reader.next();
  ASSERT_TRUE(third);
  EXPECT_FALSE(*third);
}

TEST(MongodbReplyReader, SkipsAChecksum) {
  base::Bytes body(5, 0);
  body[0] = 1;
  const auto document = fixtures::bson(fixtures::kBuildInfo);
  body.insert(body.end(), document.begin(), document.end());
  body.insert(body.end(), {1, 2, 3, 4});
  ReplyReader reader;
  reader.feed(fixtures::message(2013, 2, body));
  const auto reply = reader.next();
  ASSERT_TRUE(reply && *reply);
  EXPECT_TRUE((*reply)->document.ok());
}

TEST(MongodbReplyReader, BoundsWhatItIsToldToExpect) {
  auto large = op_msg(2, fixtures::kBuildInfo);
  large[2] = 0x20;
  EXPECT_EQ(fault_of(large), Cause::kMessageTooLarge);
  auto negative = op_msg(2, fixtures::kBuildInfo);
  negative[3] = 0x80;
  EXPECT_EQ(fault_of(negative), Cause::kNotThisProtocol);
  auto small = op_msg(2, fixtures::kBuildInfo);
  small[0] = 15;
  small[1] = 0;
  EXPECT_EQ(fault_of(small), Cause::kNotThisProtocol);
  auto compressed = op_msg(2, fixtures::kBuildInfo);
  compressed[12] = 0xdc;
  EXPECT_EQ(fault_of(compressed), Cause::kNotThisProtocol);
}

TEST(MongodbReplyReader, RefusesABodyThatIsNone) {
  for (std::size_t size = 0; size < 30; ++size) {
    EXPECT_EQ(fault_of(fixtures::message(2013, 1, base::Bytes(size, 0))), Cause::kMalformedMessage) << size;
    EXPECT_EQ(fault_of(fixtures::message(1, 1, base::Bytes(size, 0))), Cause::kMalformedMessage) << size;
  }
  auto sequence = op_msg(2, fixtures::kBuildInfo);
  sequence[20] = 1;
  EXPECT_EQ(fault_of(sequence), Cause::kMalformedMessage);
  auto checksum_alone = fixtures::message(2013, 1, base::Bytes{1, 0, 0, 0, 0, 0});
  EXPECT_EQ(fault_of(checksum_alone), Cause::kMalformedMessage);
}

TEST(MongodbReplyReader, SurvivesEveryChangedByte) {
  for (const auto& good : {op_msg(2, fixtures::kFerretBuildInfo), op_reply(1, fixtures::kAtlas)}) {
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const std::uint8_t value : {0x00, 0x01, 0x02, 0x03, 0x7f, 0x80, 0xff}) {
        auto bytes = good;
        bytes[at] = value;
        ReplyReader reader;
        reader.feed(bytes);
        const auto reply = reader.next();
        if (!reply || !*reply) continue;
        const auto& document = (*reply)->document;
        EXPECT_LE(document.text("version").size(), 128U);
        EXPECT_LE(document.text("me").size(), 128U);
        document.ok();
        document.number("maxWireVersion");
      }
    }
  }
}

}  // namespace
}  // namespace tlswarden::drivers::mongodb

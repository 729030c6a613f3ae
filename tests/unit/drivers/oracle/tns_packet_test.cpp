#include "drivers/oracle/tns_packet.hpp"

#include <gtest/gtest.h>

#include "oracle_wire.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;

Cause cause_of(PacketReader& reader) {
  const auto next = reader.next();
  return next ? Cause::kInternal : next.error();
}

TEST(OraclePacketReader, CutsTheStream) {
  PacketReader reader;
  auto bytes = fixtures::packet(11, {}, 0x08);
  const auto second = fixtures::packet(6, {0, 0, 7});
  bytes.insert(bytes.end(), second.begin(), second.end());
  reader.feed(base::ByteView(bytes).first(bytes.size() - 1));
  const auto first = reader.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->type, PacketType::kResend);
  EXPECT_EQ((*first)->flags, 0x08);
  EXPECT_TRUE((*first)->body.empty());
  const auto none = reader.next();
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  reader.feed(base::ByteView(bytes).last(1));
  const auto data = reader.next();
  ASSERT_TRUE(data && *data);
  EXPECT_EQ((*data)->type, PacketType::kData);
  EXPECT_EQ((*data)->body, (base::Bytes{0, 0, 7}));
}

TEST(OraclePacketReader, ReadsLongLengthsOnceTheyAreExpected) {
  PacketReader reader;
  reader.expect(Lengths::kLong);
  reader.feed(to_wire(PacketType::kData, base::Bytes(40000, 1), Lengths::kLong));
  const auto packet = reader.next();
  ASSERT_TRUE(packet && *packet);
  EXPECT_EQ((*packet)->body.size(), 40000U);
}

TEST(OraclePacketReader, RefusesAHeaderThatNoListenerSends) {
  for (const base::Bytes& header :
       {base::Bytes{0, 7, 0, 0, 2, 0, 0, 0}, base::Bytes{0, 0, 0, 0, 2, 0, 0, 0},
        base::Bytes{0, 8, 0, 1, 2, 0, 0, 0}, base::Bytes{0, 8, 0, 0, 0, 0, 0, 0},
        base::Bytes{0, 8, 0, 0, 1, 0, 0, 0}, base::Bytes{0, 8, 0, 0, 99, 0, 0, 0}}) {
    PacketReader reader;
    reader.feed(header);
    EXPECT_EQ(cause_of(reader), Cause::kNotThisProtocol) << base::to_hex(header);
    reader.feed(fixtures::kResend);
    EXPECT_EQ(cause_of(reader), Cause::kNotThisProtocol) << "recovered from " << base::to_hex(header);
    PacketReader later;
    later.feed(fixtures::kResend);
    ASSERT_TRUE(later.next());
    later.feed(header);
    EXPECT_EQ(cause_of(later), Cause::kMalformedMessage) << base::to_hex(header);
  }
}

TEST(OraclePacketReader, BoundsOnePacketBeforeItIsThere) {
  PacketReader reader;
  reader.expect(Lengths::kLong);
  reader.feed(base::Bytes{0, 1, 0, 1, 6, 0, 0, 0});
  EXPECT_EQ(cause_of(reader), Cause::kMessageTooLarge);
  PacketReader endless;
  endless.expect(Lengths::kLong);
  endless.feed(base::Bytes{0xFF, 0xFF, 0xFF, 0xFF, 6, 0, 0, 0});
  EXPECT_EQ(cause_of(endless), Cause::kMessageTooLarge);
}

TEST(OraclePacketReader, BoundsTheWhole) {
  PacketReader reader;
  const auto marker = fixtures::packet(12, base::Bytes(1016, 0));
  int packets = 0;
  while (packets < 1000) {
    reader.feed(marker);
    if (!reader.next()) break;
    ++packets;
  }
  EXPECT_EQ(packets, 256);
  EXPECT_EQ(cause_of(reader), Cause::kMessageTooLarge);
}

TEST(OraclePacket, NumbersEndWhereTheBytesDo) {
  const base::Bytes bytes{1, 2, 3, 4, 5};
  EXPECT_EQ(number16(bytes, 3), 0x0405);
  EXPECT_EQ(number16(bytes, 4), 0);
  EXPECT_EQ(number16(bytes, SIZE_MAX), 0);
  EXPECT_EQ(number32(bytes, 1), 0x02030405U);
  EXPECT_EQ(number32(bytes, 2), 0U);
}

}  // namespace
}  // namespace tlswarden::drivers::oracle

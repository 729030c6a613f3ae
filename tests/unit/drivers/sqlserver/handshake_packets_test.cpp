#include "drivers/sqlserver/handshake_packets.hpp"

#include <gtest/gtest.h>

#include <random>

#include "drivers/sqlserver/packet.hpp"
#include "wire.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

base::Bytes unwrap(base::ByteView bytes) {
  return make_handshake_packets()->unwrap(bytes);
}

TEST(SqlServerHandshakePackets, CutsAFlightIntoPacketsOfWhichTheLastSaysSo) {
  const base::Bytes flight(10000, 0x16);
  const auto wire = make_handshake_packets()->wrap(flight);
  std::size_t at = 0, packets = 0;
  while (at < wire.size()) {
    const std::size_t length = wire[at + 2] << 8U | wire[at + 3];
    EXPECT_EQ(wire[at], 0x12);
    EXPECT_LE(length, 4096U);
    EXPECT_EQ(wire[at + 1], at + length == wire.size() ? 1 : 0);
    EXPECT_EQ(wire[at + 6], ++packets);
    at += length;
  }
  EXPECT_EQ(at, wire.size());
  EXPECT_EQ(packets, 3U);
  EXPECT_EQ(unwrap(wire), flight);
}

TEST(SqlServerHandshakePackets, ReadsPacketsThatExceedTheUsualSize) {
  const base::Bytes content(60000, 0x2a);
  EXPECT_EQ(unwrap(wire::packet(0x12, content)), content);
  EXPECT_EQ(unwrap(wire::packet(0x04, content)), content);
}

TEST(SqlServerHandshakePackets, LetsWhatIsNoPacketThroughAsItIs) {
  for (const auto& bytes : {base::to_bytes("HTTP/1.1 400 Bad Request\r\n\r\n"),
                            wire::from_hex("15030300020246"), wire::from_hex("1201000700000000ff")}) {
    EXPECT_EQ(unwrap(bytes), bytes);
  }
  auto packet_then_alert = wire::packet(0x12, wire::from_hex("1403030001 01"));
  const auto alert = wire::from_hex("15030300020100");
  packet_then_alert.insert(packet_then_alert.end(), alert.begin(), alert.end());
  EXPECT_EQ(unwrap(packet_then_alert), wire::from_hex("1403030001 01 15030300020100"));
}

TEST(SqlServerHandshakePackets, BearsWithEmptyPackets) {
  const base::Bytes nothing;
  auto packets = wire::packet(0x12, nothing);
  const auto full = wire::packet(0x12, wire::from_hex("16"));
  packets.insert(packets.end(), full.begin(), full.end());
  EXPECT_EQ(unwrap(packets), base::Bytes{0x16});
}

/// Whatever comes, in whatever pieces: the same comes out, and never more than went in.
TEST(SqlServerHandshakePackets, DoesNotDependOnThePieces) {
  std::mt19937 random(20260);
  for (int round = 0; round < 2000; ++round) {
    base::Bytes bytes(random() % 300);
    for (auto& byte : bytes)
      byte = static_cast<std::uint8_t>(random() % 4 == 0 ? 0x12 : random() % 20);
    const auto whole = unwrap(bytes);
    EXPECT_LE(whole.size(), bytes.size());
    const auto framing = make_handshake_packets();
    base::Bytes pieces;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 9, bytes.size() - at);
      const auto part = framing->unwrap(base::ByteView(bytes).subspan(at, size));
      pieces.insert(pieces.end(), part.begin(), part.end());
      at += size;
    }
    // A header that never becomes whole is held back either way.
    ASSERT_EQ(pieces, whole) << base::to_hex(bytes);
  }
}

}  // namespace
}  // namespace tlswarden::drivers::sqlserver

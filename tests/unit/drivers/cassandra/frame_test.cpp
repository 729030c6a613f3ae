#include "drivers/cassandra/frame.hpp"

#include <gtest/gtest.h>

#include "drivers/cassandra/request.hpp"
#include "fixtures.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using probe::Cause;

base::Result<std::optional<Frame>, Cause> read(const base::Bytes& bytes) {
  FrameReader reader;
  reader.feed(bytes);
  return reader.next();
}

std::string body_of(const base::Bytes& bytes) {
  const auto frame = read(bytes);
  if (!frame || !*frame) return "nothing";
  return std::string(base::as_text((*frame)->body));
}

TEST(CassandraFrame, IsCutOutOfTheStream) {
  auto bytes = fixtures::frame(Opcode::kReady, "");
  const auto second = fixtures::frame(Opcode::kAuthSuccess, "abc");
  bytes.insert(bytes.end(), second.begin(), second.end());
  FrameReader reader;
  reader.feed(bytes);
  EXPECT_EQ((*reader.next())->opcode, Opcode::kReady);
  const auto next = reader.next();
  EXPECT_EQ((*next)->opcode, Opcode::kAuthSuccess);
  EXPECT_EQ(base::as_text((*next)->body), "abc");
  EXPECT_FALSE(*reader.next());
}

TEST(CassandraFrame, WaitsForTheRest) {
  const auto bytes = fixtures::supported();
  FrameReader reader;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    reader.feed(base::ByteView(bytes).subspan(i, 1));
    const auto next = reader.next();
    ASSERT_TRUE(next);
    EXPECT_FALSE(*next) << i;
  }
  reader.feed(base::ByteView(bytes).last(1));
  EXPECT_TRUE(*reader.next());
}

TEST(CassandraFrame, LeavesOutWhatTheFlagsAnnounce) {
  const auto tracing = std::string(16, 't');
  const auto warnings = fixtures::number(2, 2) + fixtures::text("mind") + fixtures::text("the gap");
  const auto payload = fixtures::number(1, 2) + fixtures::text("key") + fixtures::value("bytes");
  EXPECT_EQ(body_of(fixtures::frame(Opcode::kResult, tracing + warnings + payload + "rest", 0x0E)), "rest");
  EXPECT_EQ(body_of(fixtures::frame(Opcode::kResult, warnings + "rest", 0x08)), "rest");
  EXPECT_EQ(body_of(fixtures::frame(Opcode::kResult, payload, 0x04)), "");
}

TEST(CassandraFrame, RefusesAPreambleBeyondItsEnd) {
  for (const auto& [flags, body] : {std::pair<int, std::string>{0x02, "short"},
                                    {0x08, "\xff\xff"},
                                    {0x08, std::string("\x00\x01\xff\xff", 4) + "x"},
                                    {0x04, std::string("\x00\x01\x00\x00\x7f\xff\xff\xff", 8)}}) {
    const auto frame = read(fixtures::frame(Opcode::kResult, body, static_cast<std::uint8_t>(flags)));
    ASSERT_FALSE(frame) << flags;
    EXPECT_EQ(frame.error(), Cause::kMalformedMessage);
  }
}

TEST(CassandraFrame, UnderstandsTheVersionOfANodeThatDoesNotKnowOurs) {
  // Cassandra 2.0: one byte for the stream.
  const std::string old("\x82\x00\x00\x00\x00\x00\x00\x06\x00\x00\x00\x0a\x00\x00", 14);
  EXPECT_EQ(body_of(base::to_bytes(old)), std::string("\x00\x00\x00\x0a\x00\x00", 6));
  auto newer = fixtures::frame(Opcode::kError, "new");
  newer.front() = 0x85;
  EXPECT_EQ(body_of(newer), "new");
}

TEST(CassandraFrame, RefusesWhatIsNoAnswer) {
  EXPECT_EQ(read(base::to_bytes("HTTP/1.1 400 Bad Request")).error(), Cause::kNotThisProtocol);
  EXPECT_EQ(read(base::to_bytes(fixtures::kOptions)).error(), Cause::kNotThisProtocol);
  EXPECT_EQ(read(base::Bytes{0x80}).error(), Cause::kNotThisProtocol);
  EXPECT_EQ(read(base::Bytes{0x87}).error(), Cause::kNotThisProtocol);
  EXPECT_EQ(read(fixtures::frame(Opcode::kQuery, "")).error(), Cause::kNotThisProtocol);
  EXPECT_EQ(read(fixtures::frame(Opcode::kResult, "", 0x01)).error(), Cause::kMalformedMessage);
}

TEST(CassandraFrame, ReservesNothingOnAPeersWord) {
  for (const std::uint32_t size : {0x00010001U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    const auto frame =
        read(base::to_bytes(std::string("\x84\x00\x00\x00\x06", 5) + fixtures::number(size, 4)));
    ASSERT_FALSE(frame) << size;
    EXPECT_EQ(frame.error(), Cause::kMessageTooLarge);
  }
}

TEST(CassandraFrame, BoundsWhatIsHeldBack) {
  FrameReader reader;
  const base::Bytes piece(100000, 0x84);
  for (int i = 0; i < 3; ++i)
    reader.feed(piece);
  EXPECT_EQ(reader.next().error(), Cause::kMessageTooLarge);
}

TEST(CassandraFrame, StaysBroken) {
  FrameReader reader;
  reader.feed(fixtures::frame(Opcode::kReady, ""));
  reader.feed(base::to_bytes("!"));
  EXPECT_TRUE(*reader.next());
  EXPECT_EQ(reader.next().error(), Cause::kMalformedMessage);
  reader.feed(fixtures::frame(Opcode::kReady, ""));
  EXPECT_EQ(reader.next().error(), Cause::kMalformedMessage);
}

TEST(CassandraRequest, IsAFrameOfVersion4) {
  EXPECT_EQ(base::as_text(options_request()), fixtures::kOptions);
  EXPECT_EQ(base::to_hex(startup_request({{"A", "b"}}).bytes()),
            "0400000001"
            "0000001c"
            "0002"
            "000141"
            "000162" +
                base::to_hex(base::to_bytes(fixtures::text("CQL_VERSION") + fixtures::text("3.0.0"))));
  EXPECT_EQ(base::to_hex(query_request("USE").bytes()),
            "0400000007"
            "0000000e"
            "00000003"
            "555345"
            "0001"
            "04"
            "00000010");
}

TEST(CassandraRequest, CarriesThePasswordAsSaslPlainDoes) {
  EXPECT_EQ(auth_response(base::Secret("app"), base::Secret("s3cret")).reveal(),
            std::string("\x04\x00\x00\x00\x0f\x00\x00\x00\x0f\x00\x00\x00\x0b\x00"
                        "app\x00s3cret",
                        24));
  EXPECT_EQ(base::to_hex(auth_response("PLAIN").bytes()),
            "040000000f"
            "00000009"
            "00000005"
            "504c41494e");
}

}  // namespace
}  // namespace tlswarden::drivers::cassandra

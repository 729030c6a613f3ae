#include "probe/transcript.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tlswarden::probe {
namespace {

using testing::ElementsAre;

TEST(Transcript, ShowsEveryByteInHexAndEscaped) {
  Transcript transcript(true);
  transcript.sent(Stage::kNegotiate, base::as_bytes("S\x01z"));
  transcript.received(Stage::kProtocolStep, base::as_bytes("E"));
  transcript.note(Stage::kHandshake, "TLSv1.3");
  EXPECT_THAT(transcript.take(), ElementsAre("negotiate: > 3 bytes: 53017a  \"S\\x01z\"",
                                             "protocol-step: < 1 byte: 45  \"E\"", "handshake: TLSv1.3"));
}

TEST(Transcript, KeepsNothingUnlessAskedTo) {
  Transcript transcript(false);
  transcript.sent(Stage::kNegotiate, base::as_bytes("S"));
  transcript.note(Stage::kHandshake, "TLSv1.3");
  EXPECT_TRUE(transcript.take().empty());
}

TEST(Transcript, StaysSmallHoweverMuchThePeerSays) {
  Transcript transcript(true);
  const base::Bytes flood(100'000, 0x1B);
  for (int i = 0; i < 5'000; ++i)
    transcript.received(Stage::kNegotiate, flood);
  const auto lines = transcript.take();
  EXPECT_LE(lines.size(), 1000U);
  EXPECT_LT(lines.front().size(), 5'000U);
}

}  // namespace
}  // namespace tlswarden::probe

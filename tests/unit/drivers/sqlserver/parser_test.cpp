#include <gtest/gtest.h>

#include <random>

#include "drivers/sqlserver/packet.hpp"
#include "drivers/sqlserver/prelogin.hpp"
#include "drivers/sqlserver/server_error.hpp"
#include "drivers/sqlserver/unicode.hpp"
#include "wire.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

using State = MessageReader::State;

TEST(SqlServerPrelogin, SendsWhatEveryServerUnderstands) {
  EXPECT_EQ(prelogin_request(Encryption::kOn), wire::prelogin_request(1));
  EXPECT_EQ(prelogin_request(Encryption::kNotSupported), wire::prelogin_request(2));
}

TEST(SqlServerPrelogin, SaysWhereTheEncryptionStands) {
  const auto reply = parse_prelogin_reply(base::ByteView(wire::prelogin_reply(3)).subspan(8));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->encryption, Encryption::kRequired);
  EXPECT_EQ(reply->encryption_at, 32U);
  EXPECT_EQ(reply->version, "16.0.4191");
}

TEST(SqlServerMessage, IsBounded) {
  MessageReader reader(0x04, 100);
  const base::Bytes content(60, 0);
  EXPECT_EQ(reader.feed(wire::packet(0x04, content, 0)), State::kMore);
  EXPECT_EQ(reader.feed(wire::packet(0x04, content)), State::kTooLarge);
  MessageReader endless(0x04, 100);
  const base::Bytes nothing;
  State state = State::kMore;
  for (int i = 0; i < 100 && state == State::kMore; ++i)
    state = endless.feed(wire::packet(0x04, nothing, 0));
  EXPECT_EQ(state, State::kTooLarge);
}

TEST(SqlServerMessage, IsOfOneType) {
  MessageReader other(0x04, 100);
  EXPECT_EQ(other.feed(base::Bytes{0x12}), State::kStranger);
  MessageReader changed(0x04, 100);
  const base::Bytes content(3, 0);
  EXPECT_EQ(changed.feed(wire::packet(0x04, content, 0)), State::kMore);
  EXPECT_EQ(changed.feed(base::Bytes{0x10}), State::kStranger);
}

TEST(SqlServerMessage, ComesBackFromItsPackets) {
  base::Bytes content(9000);
  for (std::size_t i = 0; i < content.size(); ++i)
    content[i] = static_cast<std::uint8_t>(i * 31);
  MessageReader reader(0x10, 9000);
  auto packets = encode_message(0x10, content);
  packets.push_back(0x55);
  EXPECT_EQ(reader.feed(packets), State::kComplete);
  EXPECT_EQ(base::Bytes(reader.payload().begin(), reader.payload().end()), content);
  ASSERT_EQ(reader.rest().size(), 1U);
  EXPECT_EQ(reader.rest()[0], 0x55);
}

TEST(SqlServerError, KeepsTheServersWords) {
  const auto reply = wire::error_reply(18456, "Login failed for user 'app'.");
  const auto error = parse_error(base::ByteView(reply).subspan(8));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->number, 18456);
  EXPECT_EQ(error->text, "Login failed for user 'app'.");
  const auto failure = describe_error(probe::Stage::kSession, *error);
  EXPECT_EQ(failure.cause, probe::Cause::kAuthenticationFailed);
  EXPECT_EQ(failure.peer_text, error->text);
  EXPECT_EQ(describe_error(probe::Stage::kSession, ServerError{4060, "x"}).cause,
            probe::Cause::kDatabaseNotFound);
  EXPECT_EQ(describe_error(probe::Stage::kSession, ServerError{40615, "x"}).cause,
            probe::Cause::kHostNotAllowed);
  EXPECT_EQ(describe_error(probe::Stage::kSession, ServerError{-1, "x"}).cause, probe::Cause::kServerError);
}

TEST(SqlServerError, BoundsTheServersWords) {
  const auto reply = wire::error_reply(1, std::string(3000, 'w'));
  const auto error = parse_error(base::ByteView(reply).subspan(8));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->text.size(), 2048U);
}

/// Nothing that a peer can send makes the parsers read beyond it; run under the sanitizers.
TEST(SqlServerParsers, SurviveWhateverComes) {
  std::mt19937 random(4711);
  const auto reply = wire::prelogin_reply(1), error = wire::error_reply(18456, "Login failed");
  for (const auto* whole : {&reply, &error}) {
    for (std::size_t length = 0; length < whole->size(); ++length) {
      const base::Bytes cut(whole->begin(), whole->begin() + static_cast<std::ptrdiff_t>(length));
      if (cut.size() >= 8) {
        parse_prelogin_reply(base::ByteView(cut).subspan(8));
        parse_error(base::ByteView(cut).subspan(8));
      }
      MessageReader reader(0x04, 4096);
      EXPECT_EQ(reader.feed(cut), State::kMore);
    }
    for (int round = 0; round < 5000; ++round) {
      auto mangled = *whole;
      for (int i = 0; i < 3; ++i)
        mangled[random() % mangled.size()] = static_cast<std::uint8_t>(random());
      MessageReader reader(0x04, 4096);
      if (reader.feed(mangled) != State::kComplete) continue;
      if (const auto parsed = parse_prelogin_reply(reader.payload())) {
        EXPECT_LT(parsed->encryption_at, reader.payload().size());
        EXPECT_LE(parsed->version.size(), 16U);
      }
      if (const auto parsed = parse_error(reader.payload())) {
        EXPECT_LE(parsed->text.size(), 2048U);
      }
    }
  }
}

TEST(SqlServerUnicode, GoesBothWays) {
  for (const std::string text : {"", "plain", "p\u00e4ss\u20acw\u00f6rd", "\U0001f511 key", "\u0800\uffff"}) {
    const auto wide = to_utf16(text);
    ASSERT_TRUE(wide) << text;
    EXPECT_EQ(from_utf16(*wide), text);
  }
  EXPECT_EQ(to_utf16("a\u20ac"), wire::from_hex("6100ac20"));
  EXPECT_EQ(to_utf16("\U0001f511"), wire::from_hex("3dd811dd"));
}

TEST(SqlServerUnicode, RefusesWhatIsNoUtf8AndReplacesWhatIsNoUtf16) {
  for (const char* text :
       {"\x80", "\xc3", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\xc3("})
    EXPECT_FALSE(to_utf16(text)) << base::to_hex(base::as_bytes(text));
  EXPECT_EQ(from_utf16(wire::from_hex("3dd8 6100")), "\ufffda");
  EXPECT_EQ(from_utf16(wire::from_hex("11dd 3dd8")), "\ufffd\ufffd");
  EXPECT_EQ(from_utf16(wire::from_hex("6100 62")), "a");
}

}  // namespace
}  // namespace tlswarden::drivers::sqlserver

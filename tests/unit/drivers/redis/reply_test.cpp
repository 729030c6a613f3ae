#include "drivers/redis/reply.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tlswarden::drivers::redis {
namespace {

using probe::Cause;

base::Result<std::optional<Reply>, Cause> read(std::string_view text) {
  ReplyReader reader;
  reader.feed(base::as_bytes(text));
  return reader.next();
}

TEST(RedisReply, ReadsEachTypeOfResp2) {
  EXPECT_EQ((*read("+OK\r\n"))->text, "OK");
  EXPECT_EQ((*read("-ERR no\r\n"))->type, Reply::Type::kError);
  EXPECT_EQ((*read(":42\r\n"))->integer, 42);
  EXPECT_EQ((*read("$5\r\nhe\r\no\r\n"))->text, "he\r\no");
  EXPECT_EQ((*read("$-1\r\n"))->type, Reply::Type::kNil);
  EXPECT_TRUE((*read("*0\r\n"))->elements.empty());
}

TEST(RedisReply, ReadsNestedArrays) {
  const auto reply = **read("*3\r\n$1\r\na\r\n*2\r\n:1\r\n+x\r\n$1\r\nb\r\n");
  ASSERT_EQ(reply.elements.size(), 3U);
  EXPECT_EQ(reply.elements[0].text, "a");
  ASSERT_EQ(reply.elements[1].elements.size(), 2U);
  EXPECT_EQ(reply.elements[1].elements[0].integer, 1);
  EXPECT_EQ(reply.elements[1].elements[1].text, "x");
  EXPECT_EQ(reply.elements[2].text, "b");
}

TEST(RedisReply, WaitsForTheRest) {
  ReplyReader reader;
  const std::string text = "*2\r\n$3\r\nabc\r\n:7\r\n";
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    reader.feed(base::as_bytes(std::string_view(text).substr(i, 1)));
    const auto next = reader.next();
    ASSERT_TRUE(next);
    EXPECT_FALSE(*next) << i;
  }
  reader.feed(base::as_bytes("\n"));
  EXPECT_EQ((*reader.next())->elements.size(), 2U);
}

TEST(RedisReply, KeepsWhatFollowsForLater) {
  ReplyReader reader;
  reader.feed(base::as_bytes("+a\r\n+b\r\n"));
  EXPECT_EQ((*reader.next())->text, "a");
  EXPECT_EQ((*reader.next())->text, "b");
  EXPECT_FALSE(*reader.next());
}

// hiredis 1.0 and later takes RESP3's "_" for the nil that it is.
TEST(RedisReply, RefusesResp3AndRubbish) {
  for (const char* text :
       {"%1\r\n+a\r\n+b\r\n", ",1.5\r\n", "#t\r\n", "~1\r\n:1\r\n", ">1\r\n:1\r\n", "(123\r\n",
        "=7\r\ntxt:abc\r\n", "HTTP/1.1 200 OK\r\n", "\x15\x03\x01", "*x\r\n", ":x\r\n", "$x\r\n"}) {
    const auto reply = read(text);
    ASSERT_FALSE(reply) << text;
    EXPECT_EQ(reply.error(), Cause::kNotThisProtocol);
  }
}

TEST(RedisReply, ReservesNothingOnAPeersWord) {
  for (const char* text : {"*4097\r\n", "*2147483647\r\n", "*4294967295\r\n", "*9223372036854775807\r\n"}) {
    EXPECT_FALSE(read(text)) << text;
  }
}

TEST(RedisReply, BoundsTheElementsOfAllArraysTogether) {
  std::string nested = "*100\r\n";
  for (int i = 0; i < 100; ++i) {
    nested += "*50\r\n";
    for (int j = 0; j < 50; ++j)
      nested += ":1\r\n";
  }
  EXPECT_FALSE(read(nested));
}

TEST(RedisReply, RefusesDeepNesting) {
  std::string text;
  for (int i = 0; i < 64; ++i)
    text += "*1\r\n";
  EXPECT_FALSE(read(text + ":1\r\n"));
}

TEST(RedisReply, BoundsOneReply) {
  ReplyReader reader;
  reader.feed(base::as_bytes("$1000000000\r\n"));
  ASSERT_TRUE(reader.next());
  const base::Bytes piece(16384, 'x');
  for (int i = 0; i < 4; ++i)
    reader.feed(piece);
  const auto next = reader.next();
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error(), Cause::kMessageTooLarge);
}

TEST(RedisReply, StaysBroken) {
  ReplyReader reader;
  reader.feed(base::as_bytes("+OK\r\n!"));
  EXPECT_TRUE(reader.next());
  EXPECT_EQ(reader.next().error(), Cause::kMalformedMessage);
  reader.feed(base::as_bytes("+OK\r\n"));
  EXPECT_EQ(reader.next().error(), Cause::kMalformedMessage);
}

TEST(RedisReply, KnowsTheClassOfAnError) {
  const auto reply = **read("-NOAUTH Authentication required.\r\n");
  EXPECT_TRUE(reply.is_error("NOAUTH"));
  EXPECT_FALSE(reply.is_error("NO"));
  EXPECT_FALSE((**read("+NOAUTH\r\n")).is_error("NOAUTH"));
  EXPECT_TRUE((**read("-NOAUTH\r\n")).is_error("NOAUTH"));
}

TEST(RedisReply, FormatsACommandBinarySafe) {
  EXPECT_EQ(format_command({"AUTH", "a b\r\n"}).reveal(), "*2\r\n$4\r\nAUTH\r\n$5\r\na b\r\n\r\n");
  EXPECT_EQ(format_command({"AUTH", std::string_view("a\0b", 3)}).reveal(),
            std::string_view("*2\r\n$4\r\nAUTH\r\n$3\r\na\0b\r\n", 23));
  EXPECT_EQ(format_command({"AUTH", ""}).reveal(), "*2\r\n$4\r\nAUTH\r\n$0\r\n\r\n");
}

}  // namespace
}  // namespace tlswarden::drivers::redis

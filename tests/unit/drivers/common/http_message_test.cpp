#include "drivers/common/http_message.hpp"

#include <gtest/gtest.h>

namespace tlswarden::drivers::common {
namespace {

using probe::Cause;
using State = HttpReader::State;

State feed(HttpReader& reader, const std::string& text) {
  return reader.feed(base::as_bytes(text));
}

/// Byte by byte; the state after the last one.
State dribble(HttpReader& reader, const std::string& text) {
  auto state = State::kReading;
  for (const char c : text)
    state = feed(reader, std::string(1, c));
  return state;
}

Cause cause_after(const std::string& text) {
  HttpReader reader;
  if (feed(reader, text) != State::kBroken) {
    EXPECT_EQ(reader.end(), State::kBroken) << text;
  }
  return reader.broken();
}

const std::string kWithLength =
    "HTTP/1.1 401 Unauthorized\r\nX-ClickHouse-Server-Display-Name: vm\r\nContent-Length: 3\r\n\r\nno\n";
const std::string kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nOk.\r\nA;x=y\r\n0123456789\r\n0\r\nT: "
    "v\r\n\r\n";

TEST(HttpRequestText, IsWhatTheWireWants) {
  HttpRequest request;
  request.target = "/ping";
  request.host = "db:8443";
  request.fields = {{"X-Name", "a b"}};
  EXPECT_EQ(format_request(request).reveal(),
            "GET /ping HTTP/1.1\r\nHost: db:8443\r\nConnection: close\r\nX-Name: a b\r\n\r\n");
  request.method = "POST";
  request.body = "{}";
  request.last = false;
  EXPECT_EQ(format_request(request).reveal(),
            "POST /ping HTTP/1.1\r\nHost: db:8443\r\nConnection: keep-alive\r\nX-Name: a b\r\n"
            "Content-Length: 2\r\n\r\n{}");
}

TEST(HttpRequestText, CarriesNoValueThatWouldEndAField) {
  EXPECT_TRUE(fits_field(""));
  EXPECT_TRUE(fits_field("pass word"));
  EXPECT_TRUE(fits_field("p\xc3\xa4ss"));
  for (const auto* value : {"a\r\nX: y", "a\n", "a\tb", " a", "a ", "a\x7f"})
    EXPECT_FALSE(fits_field(value)) << value;
  EXPECT_FALSE(fits_field(std::string_view("a\0b", 3)));
}

TEST(HttpRequestText, NamesTheHost) {
  EXPECT_EQ(http_host("db.internal", 8443), "db.internal:8443");
  EXPECT_EQ(http_host("10.0.0.7", 443), "10.0.0.7:443");
  EXPECT_EQ(http_host("::1", 2379), "[::1]:2379");
  EXPECT_EQ(http_host("[::1]", 2379), "[::1]:2379");
}

TEST(HttpReader, ReadsABodyWithALength) {
  for (const bool slowly : {false, true}) {
    HttpReader reader;
    ASSERT_EQ(slowly ? dribble(reader, kWithLength) : feed(reader, kWithLength), State::kWhole);
    EXPECT_EQ(reader.response().status, 401U);
    EXPECT_EQ(reader.response().body, "no\n");
    EXPECT_EQ(reader.response().field("x-clickhouse-server-display-name"), "vm");
    EXPECT_EQ(reader.response().field("x-other"), "");
    EXPECT_TRUE(reader.response().keeps_open);
  }
}

TEST(HttpReader, ReadsChunks) {
  for (const bool slowly : {false, true}) {
    HttpReader reader;
    ASSERT_EQ(slowly ? dribble(reader, kChunked) : feed(reader, kChunked), State::kWhole);
    EXPECT_EQ(reader.response().body, "Ok.0123456789");
  }
}

TEST(HttpReader, ReadsABodyThatEndsWithTheStream) {
  HttpReader reader;
  ASSERT_EQ(feed(reader, "HTTP/1.0 400 Bad Request\r\n\r\nPort 9440 is for"), State::kReading);
  ASSERT_EQ(feed(reader, " others.\r\n"), State::kReading);
  ASSERT_EQ(reader.end(), State::kWhole);
  EXPECT_EQ(reader.response().body, "Port 9440 is for others.\r\n");
  EXPECT_FALSE(reader.response().keeps_open);
  EXPECT_EQ(reader.end(), State::kWhole) << "again";
}

TEST(HttpReader, ReadsOneAnswerAfterTheOther) {
  HttpReader reader;
  ASSERT_EQ(feed(reader, kWithLength + kChunked.substr(0, 40)), State::kWhole);
  ASSERT_EQ(reader.next(), State::kReading);
  ASSERT_EQ(feed(reader, kChunked.substr(40)), State::kWhole);
  EXPECT_EQ(reader.response().body, "Ok.0123456789");
  ASSERT_EQ(reader.next(), State::kReading);
  EXPECT_EQ(reader.end(), State::kBroken);
  EXPECT_EQ(reader.broken(), Cause::kPeerClosed);
}

TEST(HttpReader, KnowsAServerThatWantsToClose) {
  HttpReader reader;
  feed(reader, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(reader.response().keeps_open);
}

TEST(HttpReader, TellsAnotherProtocolByItsFirstByte) {
  for (const auto* text :
       {"220 mail.example ESMTP\r\n", "\x15\x03\x01", "-ERR", "HELO", "HTTP/2.0 200 OK\r\n\r\n"})
    EXPECT_EQ(cause_after(text), Cause::kNotThisProtocol) << text;
  HttpReader reader;
  EXPECT_EQ(feed(reader, "S"), State::kBroken);
  EXPECT_EQ(feed(reader, kWithLength), State::kBroken) << "and stays so";
}

TEST(HttpReader, EndsWithABrokenMessage) {
  EXPECT_EQ(cause_after("HTTP/1.1 abc\r\n\r\n"), Cause::kNotThisProtocol);
  EXPECT_EQ(cause_after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
            Cause::kMalformedMessage);
  EXPECT_NE(cause_after("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            Cause::kPeerClosed);
  EXPECT_NE(cause_after("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"),
            Cause::kPeerClosed);
}

TEST(HttpReader, TellsACutMessage) {
  for (const auto& whole : {kWithLength, kChunked}) {
    for (std::size_t length = 0; length < whole.size(); ++length) {
      HttpReader reader;
      if (length > 0) {
        ASSERT_EQ(feed(reader, whole.substr(0, length)), State::kReading) << length;
      }
      ASSERT_EQ(reader.end(), State::kBroken) << length;
      EXPECT_EQ(reader.broken(), Cause::kPeerClosed) << length;
    }
  }
}

TEST(HttpReader, BoundsTheHeader) {
  EXPECT_EQ(cause_after("HTTP/1.1 200 OK\r\nX: " + std::string(std::size_t{20} * 1024, 'x')),
            Cause::kMessageTooLarge);
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 8000; ++i)
    many += "a:b\r\n";
  EXPECT_EQ(cause_after(many), Cause::kMessageTooLarge);
}

TEST(HttpReader, BoundsTheBody) {
  EXPECT_EQ(cause_after("HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n"), Cause::kMessageTooLarge);
  EXPECT_EQ(cause_after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n"),
            Cause::kMessageTooLarge);
  EXPECT_EQ(cause_after("HTTP/1.1 200 OK\r\n\r\n" + std::string(std::size_t{70} * 1024, 'x')),
            Cause::kMessageTooLarge);
  std::string small_chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 70000; ++i)
    small_chunks += "1\r\nx\r\n";
  EXPECT_EQ(cause_after(small_chunks), Cause::kMessageTooLarge);
}

TEST(HttpReader, BoundsWhatIsNeitherHeaderNorBody) {
  const std::string endless(std::size_t{300} * 1024, 'x');
  EXPECT_EQ(cause_after("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + endless),
            Cause::kMessageTooLarge);
  HttpReader reader;
  ASSERT_EQ(feed(reader, kWithLength), State::kWhole);
  EXPECT_EQ(feed(reader, endless), State::kBroken) << "after the answer";
}

}  // namespace
}  // namespace tlswarden::drivers::common

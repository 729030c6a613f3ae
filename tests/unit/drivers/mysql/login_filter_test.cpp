#include "drivers/mysql/login_filter.hpp"

#include <gtest/gtest.h>

#include "mysql_wire.hpp"

namespace tlswarden::drivers::mysql {
namespace {

using probe::Cause;

base::Bytes library_response() {
  base::Bytes payload;
  put_u32(payload, 0x00bea685);
  put_u32(payload, 1U << 30U);
  payload.push_back(45);
  payload.resize(28);
  put_u32(payload, 0x1d);
  put_text(payload, "checker");
  return encode_packet(1, payload);
}

base::Bytes joined(std::initializer_list<base::Bytes> parts) {
  base::Bytes out;
  for (const auto& part : parts)
    out.insert(out.end(), part.begin(), part.end());
  return out;
}

Greeting greeting_in(const base::Bytes& packet) {
  return *parse_greeting(base::ByteView(packet).subspan(kHeaderSize), probe::Stage::kSession);
}

TEST(MysqlLoginFilter, ShowsTheLibraryAServerWithoutTlsAndWithOnlyWhatWasAgreed) {
  const wire::GreetingSpec spec{.version = "11.8.6-MariaDB", .capabilities = wire::kMariadbCapabilities};
  LoginFilter filter(true, wire::greeting(spec));
  const auto shown = filter.opening();
  ASSERT_TRUE(shown);
  EXPECT_EQ(greeting_in(*shown).capabilities, kProtocol41 | kSecureConnection | kPluginAuth);
  const auto real = greeting_in(wire::greeting(spec));
  EXPECT_EQ(base::to_hex(base::ByteView(*shown).subspan(kHeaderSize + real.extended_capabilities_at, 4)),
            "00000000");
  EXPECT_EQ(shown->size(), wire::greeting(spec).size());
}

TEST(MysqlLoginFilter, DoesTheSameHoweverTheBytesAreCut) {
  const auto server =
      joined({wire::auth_switch(3, "sha256_password"), wire::ok(5), base::to_bytes("raw afterwards")});
  const auto run = [&](std::size_t piece) {
    LoginFilter filter(true, wire::greeting());
    base::Bytes to_library = *filter.opening(), to_server;
    const auto response = library_response();
    for (std::size_t at = 0; at < response.size(); at += piece) {
      const auto part = base::ByteView(response).subspan(at, std::min(piece, response.size() - at));
      const auto out = *filter.to_server(part);
      to_server.insert(to_server.end(), out.begin(), out.end());
    }
    for (std::size_t at = 0; at < server.size(); at += piece) {
      const auto part = base::ByteView(server).subspan(at, std::min(piece, server.size() - at));
      const auto out = *filter.to_library(part);
      to_library.insert(to_library.end(), out.begin(), out.end());
    }
    return std::pair(to_library, to_server);
  };
  const auto whole = run(100000);
  EXPECT_TRUE(base::as_text(whole.first).ends_with("raw afterwards"));
  EXPECT_NE(base::as_text(whole.first).find("mysql_clear_password"), std::string_view::npos);
  EXPECT_EQ(base::as_text(whole.first).find("sha256_password"), std::string_view::npos);
  EXPECT_EQ(whole.second[3], 2);
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U})
    EXPECT_EQ(run(piece), whole) << piece;
}

TEST(MysqlLoginFilter, PassesBytesUntouchedOnceTheLoginIsDecided) {
  for (const auto& verdict : {wire::ok(3), wire::error(3, 1045, "Access denied")}) {
    LoginFilter filter(true, wire::greeting());
    ASSERT_TRUE(filter.opening());
    ASSERT_TRUE(filter.to_server(library_response()));
    ASSERT_TRUE(filter.to_library(verdict));
    const auto bytes = base::to_bytes("\x05\x00\x00\x09\xfe anything");
    EXPECT_EQ(*filter.to_library(bytes), bytes);
    EXPECT_EQ(*filter.to_server(bytes), bytes);
  }
}

TEST(MysqlLoginFilter, LeavesSequenceNumbersAloneWithoutTls) {
  LoginFilter filter(false, {});
  EXPECT_TRUE(filter.opening()->empty()) << "the greeting is still to come";
  const auto shown = filter.to_library(wire::greeting());
  ASSERT_TRUE(shown);
  EXPECT_FALSE(greeting_in(*shown).offers_tls());
  EXPECT_EQ((*filter.to_server(library_response()))[3], 1);
  EXPECT_EQ((*filter.to_library(wire::ok(2)))[3], 2);
}

TEST(MysqlLoginFilter, RefusesWhatIsNoLogin) {
  for (const auto& rubbish : {base::Bytes(64, 0xff), base::to_bytes("HTTP/1.1 400 Bad Request\r\n\r\n")}) {
    LoginFilter filter(false, {});
    const auto shown = filter.to_library(rubbish);
    ASSERT_FALSE(shown);
    EXPECT_EQ(shown.error().cause, Cause::kMalformedMessage);
  }
  LoginFilter early(true, wire::greeting());
  ASSERT_TRUE(early.opening());
  EXPECT_FALSE(early.to_library(wire::ok(3))) << "before the library has said who it is";
  LoginFilter empty(true, wire::greeting());
  ASSERT_TRUE(empty.opening());
  ASSERT_TRUE(empty.to_server(library_response()));
  EXPECT_FALSE(empty.to_library(encode_packet(3, {})));
}

}  // namespace
}  // namespace tlswarden::drivers::mysql

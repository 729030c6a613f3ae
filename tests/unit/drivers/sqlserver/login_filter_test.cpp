#include "drivers/sqlserver/login_filter.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "drivers/sqlserver/unicode.hpp"
#include "wire.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

using probe::Cause;

constexpr std::size_t kNameAt = 94, kPasswordAt = 94 + 6, kProgramAt = kPasswordAt + 4;

WireCredentials credentials(std::string_view name = "app", std::string_view password = "pw") {
  return std::move(*encode_credentials({base::Secret(name), base::Secret(password)}));
}

/// A LOGIN7 with room for a name and a password, and behind them a program and a database.
base::Bytes login(std::size_t name_units, std::size_t password_units, std::string_view program) {
  base::Bytes out(94, 0);
  const auto field = [&out](std::size_t at, std::size_t offset, std::size_t units) {
    out[at] = static_cast<std::uint8_t>(offset);
    out[at + 2] = static_cast<std::uint8_t>(units);
  };
  field(40, 94, name_units);
  field(44, 94 + 2 * name_units, password_units);
  field(48, 94 + 2 * (name_units + password_units), program.size());
  field(68, 94 + 2 * (name_units + password_units + program.size()), 6);
  out.resize(94 + 2 * (name_units + password_units), 'x');
  const auto named = wire::utf16(program);
  out.insert(out.end(), named.begin(), named.end());
  const auto database = wire::utf16("master");
  out.insert(out.end(), database.begin(), database.end());
  return out;
}

base::Bytes slice(const base::Bytes& bytes, std::size_t at, std::size_t size) {
  const auto part = base::ByteView(bytes).subspan(8 + at, size);
  return {part.begin(), part.end()};
}

TEST(SqlServerLoginFilter, GivesTheServersReplyWithoutItsEncryption) {
  LoginFilter filter(wire::prelogin_reply(1), credentials());
  const auto opening = filter.opening();
  ASSERT_TRUE(opening);
  EXPECT_EQ(*opening, wire::prelogin_reply(2));
}

TEST(SqlServerLoginFilter, RefusesToBeginWithoutAReply) {
  for (const auto& greeting : {base::Bytes{}, base::Bytes(4), base::Bytes(40)}) {
    LoginFilter filter(greeting, credentials());
    const auto opening = filter.opening();
    ASSERT_FALSE(opening);
    EXPECT_EQ(opening.error().cause, Cause::kInternal);
  }
}

TEST(SqlServerLoginFilter, KeepsThePreloginAndFillsInTheLogin) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{13}, std::size_t{10000}}) {
    LoginFilter filter(wire::prelogin_reply(1), credentials());
    auto stream = wire::prelogin_request(2);
    const auto message = wire::packet(0x10, login(3, 2, filter.token()));
    stream.insert(stream.end(), message.begin(), message.end());
    base::Bytes sent;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      const auto out =
          filter.to_server(base::ByteView(stream).subspan(at, std::min(piece, stream.size() - at)));
      ASSERT_TRUE(out) << out.error().message;
      sent.insert(sent.end(), out->begin(), out->end());
    }
    ASSERT_EQ(sent.size(), message.size());
    EXPECT_EQ(sent[0], 0x10);
    EXPECT_EQ(slice(sent, kNameAt, 6), wire::utf16("app"));
    EXPECT_EQ(slice(sent, kPasswordAt, 4), wire::from_hex("a2a5d2a5")) << "as FreeTDS scrambles \"pw\"";
    EXPECT_EQ(slice(sent, kProgramAt, 64), wire::utf16("tlswarden certificate monitoring"));
    EXPECT_EQ(slice(sent, kProgramAt + 64, 12), wire::utf16("master"));
    const auto query = wire::packet(0x01, wire::utf16("SELECT 1"));
    EXPECT_EQ(*filter.to_server(query), query);
  }
}

/// What becomes of a second message that depends on the token.
base::Result<base::Bytes, probe::Failure> sent_for(
    const std::function<base::Bytes(const std::string&)>& make) {
  LoginFilter filter(wire::prelogin_reply(1), credentials());
  EXPECT_TRUE(filter.to_server(wire::prelogin_request(2))->empty());
  return filter.to_server(make(filter.token()));
}

TEST(SqlServerLoginFilter, SendsNothingWhereTheLibraryDoesSomethingElse) {
  const auto refused = [](const std::function<base::Bytes(const std::string&)>& make) {
    const auto out = sent_for(make);
    return !out && out.error().cause == Cause::kInternal;
  };
  EXPECT_FALSE(refused([](const auto& token) { return wire::packet(0x10, login(3, 2, token)); }));
  EXPECT_TRUE(refused([](const auto& token) { return wire::packet(0x02, login(3, 2, token)); }))
      << "a login of TDS 4 or 5";
  EXPECT_TRUE(refused([](const auto&) { return wire::packet(0x12, wire::from_hex("160301")); }))
      << "TLS after all";
  EXPECT_TRUE(refused([](const auto& token) { return wire::packet(0x10, login(4, 2, token)); }))
      << "another name";
  EXPECT_TRUE(refused([](const auto& token) { return wire::packet(0x10, login(3, 3, token)); }))
      << "another password";
  EXPECT_TRUE(refused([](const auto&) { return wire::packet(0x10, base::Bytes(93)); }));
  for (const std::uint8_t offset : {0, 255}) {
    EXPECT_TRUE(refused([offset](const auto& token) {
      auto outside = login(3, 2, token);
      outside[40] = offset;
      outside[41] = offset;
      return wire::packet(0x10, outside);
    }));
  }
  LoginFilter filter(wire::prelogin_reply(1), credentials());
  EXPECT_FALSE(filter.to_server(wire::packet(0x10, login(3, 2, filter.token())))) << "without a PRELOGIN";
}

constexpr std::string_view kAdmitted = "ad 0e00 01 74000004 02 53005100 1000105f";
constexpr std::string_view kDone = "fd 0000 0000 0000000000000000";
/// To port 1433 of a host "x", as MS-TDS section 2.2.7.9 has it.
constexpr std::string_view kRouted = "e3 0a00 14 0700 00 9905 0100 7800 0000";

/// What becomes of the server's answer to the login, in pieces.
base::Result<base::Bytes, probe::Failure> answered(const base::Bytes& answer, std::size_t piece = 10000) {
  LoginFilter filter(wire::prelogin_reply(1), credentials());
  EXPECT_TRUE(filter.to_server(wire::prelogin_request(2)));
  EXPECT_TRUE(filter.to_server(wire::packet(0x10, login(3, 2, filter.token()))));
  base::Bytes out;
  for (std::size_t at = 0; at < answer.size(); at += piece) {
    auto part = filter.to_library(base::ByteView(answer).subspan(at, std::min(piece, answer.size() - at)));
    if (!part) return part;
    out.insert(out.end(), part->begin(), part->end());
  }
  return out;
}

base::Bytes tokens(std::initializer_list<std::string_view> hex) {
  std::string all;
  for (const auto one : hex)
    all += one;
  return wire::packet(0x04, wire::from_hex(all));
}

TEST(SqlServerLoginFilter, PassesOnAnAnswerAndWhatFollows) {
  for (const auto& answer : {tokens({kAdmitted, kDone}), wire::error_reply(18456, "Login failed"),
                             tokens({"e4 02000000 0102", "e3 0400 07 01 04 00", kAdmitted, kDone}),
                             tokens({kAdmitted, "ae 0a 01000000 01 0b 00000000 ff", kDone})}) {
    auto stream = answer;
    const auto rows = wire::from_hex("0401000900000100 81 ffff");
    stream.insert(stream.end(), rows.begin(), rows.end());
    for (const std::size_t piece : {std::size_t{1}, std::size_t{10000}}) {
      const auto out = answered(stream, piece);
      ASSERT_TRUE(out) << out.error().message;
      EXPECT_EQ(*out, stream);
    }
  }
}

TEST(SqlServerLoginFilter, DoesNotLetTheServerSendTheLibraryElsewhere) {
  for (const auto& answer :
       {tokens({kAdmitted, kRouted, kDone}), tokens({kRouted, kAdmitted, kDone}),
        tokens({kAdmitted, kDone, kRouted, kDone}), tokens({kRouted}), tokens({"ae ff", kRouted, kDone})}) {
    const auto out = answered(answer, 1);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().cause, Cause::kUnsupported);
    EXPECT_NE(out.error().message.find("another server"), std::string::npos);
  }
}

TEST(SqlServerLoginFilter, WithholdsAnAnswerThatItCannotFollow) {
  for (const auto& answer :
       {tokens({}), tokens({kAdmitted}), tokens({"ae 00ff", kRouted, kDone}), tokens({"e3 ff"}),
        tokens({"e3 ffff 14"}), tokens({"fd 0000"}), tokens({kDone, "00"}),
        wire::from_hex("1201000900000100 00"), wire::packet(0x04, base::Bytes(40000, 0xab))}) {
    const auto out = answered(answer);
    ASSERT_FALSE(out) << base::to_hex(answer).substr(0, 60);
    EXPECT_EQ(out.error().cause, Cause::kMalformedMessage);
  }
  LoginFilter filter(wire::prelogin_reply(1), credentials());
  EXPECT_FALSE(filter.to_library(tokens({kAdmitted, kDone}))) << "before the login";
}

/// Any process may connect to the relay before the library does.
TEST(SqlServerLoginFilter, FillsInNothingForAStranger) {
  for (const std::string& program : {std::string(), std::string("tsql"), std::string(32, '0')}) {
    const auto out = sent_for([&](const auto&) { return wire::packet(0x10, login(3, 2, program)); });
    ASSERT_FALSE(out) << program;
    EXPECT_NE(out.error().message.find("Another process"), std::string::npos);
  }
  const LoginFilter one(wire::prelogin_reply(1), credentials()),
      other(wire::prelogin_reply(1), credentials());
  EXPECT_EQ(one.token().size(), 32U);
  EXPECT_NE(one.token(), other.token());
}

TEST(SqlServerCredentials, MayBeAnyText) {
  const auto wire = credentials("b\u00f6rge", "\u20ac\U0001f511");
  EXPECT_EQ(wire.username_units(), 5U);
  EXPECT_EQ(wire.password_units(), 3U);
  base::Bytes password(wire.password.bytes().begin(), wire.password.bytes().end());
  for (auto& byte : password) {
    byte ^= 0xa5U;
    byte = static_cast<std::uint8_t>(byte << 4U | byte >> 4U);
  }
  EXPECT_EQ(from_utf16(password), "\u20ac\U0001f511");
}

TEST(SqlServerCredentials, SayWhatCannotBeSent) {
  const auto refusal = [](std::string_view name, std::string_view password) {
    const auto encoded = encode_credentials({base::Secret(name), base::Secret(password)});
    if (encoded) return std::string();
    EXPECT_EQ(encoded.error().cause, Cause::kUnsupported);
    EXPECT_EQ(encoded.error().stage, probe::Stage::kSession);
    return encoded.error().message;
  };
  EXPECT_NE(refusal("", "pw").find("spec.auth.username"), std::string::npos);
  EXPECT_NE(refusal("CORP\\app", "pw").find("Windows"), std::string::npos);
  EXPECT_NE(refusal("app", "\xff").find("UTF-8"), std::string::npos);
  EXPECT_NE(refusal("app", std::string(129, 'x')).find("128"), std::string::npos);
  EXPECT_NE(refusal(std::string(129, 'x'), "pw").find("128"), std::string::npos);
  EXPECT_EQ(refusal(std::string(128, 'x'), std::string(128, 'x')), "");
  EXPECT_EQ(refusal("app", ""), "");
}

}  // namespace
}  // namespace tlswarden::drivers::sqlserver

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "drivers/sqlserver/handshake_packets.hpp"
#include "drivers/sqlserver/login_reply.hpp"
#include "drivers/sqlserver/negotiation.hpp"
#include "drivers/sqlserver/packet.hpp"
#include "drivers/sqlserver/server_error.hpp"
#include "tests/support/scripted_conversation.hpp"
#include "wire.hpp"

/// The server's side of 85 recorded conversations, put to what reads it.
namespace tlswarden::drivers::sqlserver {
namespace {

using probe::Cause;
using probe::Tristate;
using test_support::End;
using test_support::ScriptedConversation;

struct Packet {
  std::string kind;
  int number = 0;  ///< of an error
  base::Bytes bytes;
};

struct Recorded {
  std::string name, expected, version;
  std::vector<Packet> packets;
};

std::vector<Recorded> read_recorded() {
  std::ifstream file(TLSWARDEN_SOURCE_DIR "/tests/unit/drivers/sqlserver/testdata/babelfish.txt");
  std::vector<Recorded> all;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, hex;
    words >> kind;
    if (kind == "#") continue;
    if (kind == "conversation") {
      all.push_back({.name = line.substr(kind.size() + 1), .expected = {}, .version = {}, .packets = {}});
    } else if (kind == "expect") {
      words >> all.back().expected >> all.back().version;
    } else {
      Packet packet{.kind = kind, .number = 0, .bytes = {}};
      if (kind == "error") words >> packet.number;
      words >> hex;
      packet.bytes = wire::from_hex(hex);
      all.back().packets.push_back(std::move(packet));
    }
  }
  return all;
}

const std::vector<Recorded>& recorded() {
  static const auto all = read_recorded();
  return all;
}

ScriptedConversation answered_as(const Recorded& one, ScriptedConversation script) {
  for (const auto& packet : one.packets) {
    if (packet.kind == "reply") return script.answers(packet.bytes);
  }
  return script.closes();
}

TEST(SqlServerGolden, IsAllThere) {
  EXPECT_EQ(recorded().size(), 85U);
}

TEST(SqlServerGolden, TellsWhetherTlsMayStart) {
  for (const auto& one : recorded()) {
    SCOPED_TRACE(one.name);
    if (one.expected == "none") continue;
    auto script =
        answered_as(one, ScriptedConversation([] { return make_negotiation(); }, probe::Stage::kNegotiate)
                             .writes(wire::prelogin_request(1)));
    if (one.expected == "tls") {
      script.ends(End::kStartTls);
    } else if (one.expected == "malformed") {
      script.ends(End::kFail, Cause::kMalformedMessage);
    } else if (one.expected == "closed") {
      script.ends(End::kFail, Cause::kPeerClosed);
    } else {
      script.ends(End::kRefused, Cause::kTlsNotOffered);
    }
    EXPECT_EQ(script.verify().findings.server_version, one.version);
  }
}

TEST(SqlServerGolden, TellsWhetherPlaintextIsAccepted) {
  for (const auto& one : recorded()) {
    SCOPED_TRACE(one.name);
    if (one.expected == "none") continue;
    auto script = answered_as(
        one, ScriptedConversation([] { return make_plaintext_attempt(); }, probe::Stage::kPlaintext)
                 .writes(wire::prelogin_request(2)));
    auto accepted = Tristate::kYes;
    if (one.expected == "tls" || one.expected == "closed") {
      script.ends(End::kRefused, Cause::kTlsRequired);
      accepted = Tristate::kNo;
    } else if (one.expected == "malformed") {
      script.ends(End::kFail, Cause::kMalformedMessage);
      accepted = Tristate::kUnknown;
    }
    EXPECT_EQ(script.verify().findings.plaintext_accepted, accepted);
  }
}

/// RFC 8446 section 5.1: type, version, length.
void expect_whole_records(const base::Bytes& records) {
  std::size_t at = 0;
  while (at + 5 <= records.size()) {
    EXPECT_GE(records[at], 20);
    EXPECT_LE(records[at], 23);
    EXPECT_EQ(records[at + 1], 3);
    at += std::size_t{5} + (records[at + 3] << 8U | records[at + 4]);
  }
  EXPECT_EQ(at, records.size());
}

TEST(SqlServerGolden, GivesTheHandshakeAsWholeTlsRecords) {
  for (const auto& one : recorded()) {
    SCOPED_TRACE(one.name);
    base::Bytes packets;
    std::size_t headers = 0;
    for (const auto& packet : one.packets) {
      if (packet.kind == "handshake") packets.insert(packets.end(), packet.bytes.begin(), packet.bytes.end());
    }
    for (std::size_t at = 0; at < packets.size(); at += packets[at + 2] << 8U | packets[at + 3])
      headers += kHeaderSize;
    // However the network cuts it.
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, packets.size() + 1}) {
      const auto framing = make_handshake_packets();
      base::Bytes records;
      for (std::size_t at = 0; at < packets.size(); at += piece) {
        const auto part = base::ByteView(packets).subspan(at, std::min(piece, packets.size() - at));
        const auto unwrapped = framing->unwrap(part);
        records.insert(records.end(), unwrapped.begin(), unwrapped.end());
      }
      EXPECT_EQ(records.size(), packets.size() - headers);
      expect_whole_records(records);
    }
  }
}

TEST(SqlServerGolden, FollowsTheAnswersToLogins) {
  std::size_t seen = 0;
  for (const auto& one : recorded()) {
    SCOPED_TRACE(one.name);
    for (const auto& packet : one.packets) {
      if (packet.kind != "login" && packet.kind != "error") continue;
      EXPECT_EQ(examine_login_reply(base::ByteView(packet.bytes).subspan(kHeaderSize)), LoginReply::kFinal);
      ++seen;
    }
  }
  EXPECT_GT(seen, 20U);
}

TEST(SqlServerGolden, ReadsWhatTheServerMinds) {
  for (const auto& one : recorded()) {
    SCOPED_TRACE(one.name);
    for (const auto& packet : one.packets) {
      if (packet.kind != "error") continue;
      const auto error = parse_error(base::ByteView(packet.bytes).subspan(kHeaderSize));
      ASSERT_TRUE(error);
      EXPECT_EQ(error->number, packet.number);
      EXPECT_FALSE(error->text.empty());
      const auto failure = describe_error(probe::Stage::kSession, *error);
      const auto cause = packet.number == 18456 ? Cause::kAuthenticationFailed
                         : packet.number == 911 ? Cause::kDatabaseNotFound
                                                : Cause::kServerError;
      EXPECT_EQ(failure.cause, cause);
      EXPECT_EQ(failure.code, std::to_string(packet.number));
    }
  }
}

}  // namespace
}  // namespace tlswarden::drivers::sqlserver

#include "drivers/mysql/negotiation.hpp"

#include <gtest/gtest.h>

#include "mysql_wire.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::mysql {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;
using probe::Offer;
using probe::Stage;
using probe::Tristate;
using test_support::End;
using test_support::Played;
using test_support::ScriptedConversation;

// Bytes written down by hand from the protocol's description, not taken from the code under test.
const base::Bytes kSslRequest = wire::from_hex(
    "20000001"
    "018a0800"
    "00000001"
    "2d"
    "0000000000000000000000000000000000000000000000");
const std::string kLoginTail =  // "tlswarden\0", no authentication data, "caching_sha2_password\0"
    "746c7377617264656e00"
    "00"
    "63616368696e675f736861325f70617373776f726400";
const base::Bytes kLoginOverTls =
    wire::from_hex("41000002018a0800000000012d0000000000000000000000000000000000000000000000" + kLoginTail);
const base::Bytes kPlainLogin =
    wire::from_hex("4100000101820800000000012d0000000000000000000000000000000000000000000000" + kLoginTail);
const base::Bytes kQuit = wire::from_hex("0100000001");

const wire::GreetingSpec kWithoutTls{.capabilities = wire::kMysqlCapabilities & ~wire::kSsl};

ScriptedConversation negotiation() {
  return {make_negotiation, Stage::kNegotiate};
}

probe::Findings negotiated(const wire::GreetingSpec& spec = {}) {
  const auto conversation = make_negotiation();
  conversation->start();
  conversation->receive(wire::greeting(spec));
  return conversation->findings();
}

ScriptedConversation protocol_step(bool requested = false, bool presented = false) {
  return {[=] {
            probe::TlsObservation tls;
            tls.finished = true;
            tls.client_certificate_requested = requested;
            tls.client_certificate_presented = presented;
            return make_protocol_step(negotiated(), tls);
          },
          Stage::kProtocolStep};
}

TEST(MysqlNegotiation, AsksForTlsOnceTheServerHasGreeted) {
  const auto played =
      negotiation().answers(wire::greeting()).writes(kSslRequest).ends(End::kStartTls).verify();
  EXPECT_EQ(played.findings.tls_offer, Offer::kOffered);
  EXPECT_EQ(played.findings.server_version, "8.4.3");
  EXPECT_EQ(played.findings.server_product, "MySQL");
  EXPECT_EQ(played.findings.greeting, wire::greeting()) << "a session must be able to replay it";
}

TEST(MysqlNegotiation, TellsVersionAndProductApart) {
  struct Case {
    wire::GreetingSpec spec;
    std::string version, product;
  };
  const Case cases[] = {
      {{.version = "8.0.40-0ubuntu0.24.04.1"}, "8.0.40-0ubuntu0.24.04.1", "MySQL"},
      {{.version = "9.7.4-2"}, "9.7.4-2", "MySQL"},
      {{.version = "5.5.5-10.11.19-MariaDB-0+deb12u1",
        .capabilities = wire::kMariadbCapabilities,
        .plugin = "mysql_native_password"},
       "10.11.19-MariaDB-0+deb12u1",
       "MariaDB"},
      {{.version = "11.8.6-MariaDB-0+deb13u1", .capabilities = wire::kMariadbCapabilities},
       "11.8.6-MariaDB-0+deb13u1",
       "MariaDB"},
      {{.version = "11.4.2", .capabilities = wire::kMariadbCapabilities}, "11.4.2", "MariaDB"},
      {{.version = "5.5.5-10.4.1-mariadb"}, "10.4.1-mariadb", "MariaDB"},
      {{.version = "5.5.5-m3"}, "5.5.5-m3", "MySQL"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.spec.version);
    const auto played = negotiation().answers(wire::greeting(one.spec)).play();
    EXPECT_EQ(played.end, End::kStartTls);
    EXPECT_EQ(played.findings.server_version, one.version);
    EXPECT_EQ(played.findings.server_product, one.product);
  }
}

TEST(MysqlNegotiation, SaysThatTheServerHasNoTls) {
  const auto played =
      negotiation().answers(wire::greeting(kWithoutTls)).ends(End::kRefused, Cause::kTlsNotOffered).verify();
  EXPECT_EQ(played.findings.tls_offer, Offer::kNotOffered);
  EXPECT_EQ(played.findings.server_version, "8.4.3");
}

TEST(MysqlNegotiation, NamesTheReasonWhenTurnedAway) {
  struct Case {
    std::uint16_t code;
    Cause cause;
  };
  for (const auto& [code, cause] : {Case{1040, Cause::kServerBusy}, Case{1129, Cause::kHostBlocked},
                                    Case{1130, Cause::kHostNotAllowed}, Case{1053, Cause::kServerStarting},
                                    Case{3032, Cause::kServerStarting}, Case{1105, Cause::kServerError}}) {
    SCOPED_TRACE(code);
    const auto played = negotiation()
                            .answers(wire::early_error(code, "in the server's words"))
                            .ends(End::kRefused, cause)
                            .verify();
    ASSERT_TRUE(played.failure);
    EXPECT_EQ(played.failure->code, std::to_string(code));
    EXPECT_EQ(played.failure->peer_text, "in the server's words");
    EXPECT_EQ(played.failure->message.find("server's words"), std::string::npos);
    EXPECT_EQ(played.findings.tls_offer, Offer::kUnknown);
  }
}

TEST(MysqlNegotiation, RefusesWhatIsNoMysqlGreeting) {
  struct Case {
    std::string name;
    base::Bytes bytes;
    Cause cause;
  };
  base::Bytes huge = wire::greeting();
  huge[1] = 0xff;
  const Case cases[] = {
      {"SSH", base::to_bytes("SSH-2.0-OpenSSH_9.2p1\r\n"), Cause::kNotThisProtocol},
      {"SMTP", base::to_bytes("220 mail ESMTP\r\n"), Cause::kNotThisProtocol},
      {"TLS alert", {0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x28}, Cause::kNotThisProtocol},
      {"X Protocol notice", {5, 0, 0, 0, 0x0b, 8, 5, 0x1a, 0}, Cause::kNotThisProtocol},
      {"protocol 9", encode_packet(0, base::to_bytes(std::string("\x09") + "3.20")), Cause::kNotThisProtocol},
      {"empty packet", {0, 0, 0, 0}, Cause::kNotThisProtocol},
      {"not the first packet", encode_packet(1, wire::greeting_payload({})), Cause::kNotThisProtocol},
      {"oversize", huge, Cause::kNotThisProtocol},
      {"only a version",
       encode_packet(0, base::to_bytes("\x0a"
                                       "8.0.1")),
       Cause::kMalformedMessage},
      {"no version", encode_packet(0, wire::greeting_payload({.version = ""})), Cause::kMalformedMessage},
      {"overlong version", encode_packet(0, wire::greeting_payload({.version = std::string(200, '8')})),
       Cause::kMalformedMessage},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    negotiation().answers(one.bytes).ends(End::kFail, one.cause).verify();
  }
}

TEST(MysqlNegotiation, RefusesAServerFromBeforeTheProtocolOf41) {
  const auto played = negotiation().answers(wire::greeting({.capabilities = 0x0c2c})).play();
  EXPECT_EQ(played.end, End::kRefused);
  EXPECT_EQ(played.failure->cause, Cause::kUnsupported);
}

TEST(MysqlNegotiation, ReadsAGreetingCutAtEveryByteWithoutGoingOn) {
  const auto whole = wire::greeting_payload({});
  for (std::size_t size = 0; size + 30 < whole.size(); ++size) {
    SCOPED_TRACE(size);
    const base::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(negotiation().answers(encode_packet(0, cut)).play().end, End::kStartTls);
  }
}

TEST(MysqlNegotiation, EscapesControlCharactersInTheVersion) {
  const auto played = negotiation().answers(wire::greeting({.version = "8.0\x1b[31m"})).play();
  EXPECT_EQ(played.findings.server_version.find('\x1b'), std::string::npos);
}

TEST(MysqlProtocolStep, EndsWithARefusedLoginThatTheServerDoesNotCount) {
  const auto played = protocol_step()
                          .writes(kLoginOverTls)
                          .answers(wire::error(3, 1045, "Access denied for user 'tlswarden'@'h'"))
                          .ends(End::kDone)
                          .verify();
  EXPECT_FALSE(played.findings.notice);
  EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kNotRequested);
}

TEST(MysqlProtocolStep, AnswersEachPluginWithWhatItCanRead) {
  struct Case {
    std::string plugin;
    base::Bytes answer;
  };
  const Case cases[] = {
      {"caching_sha2_password", encode_packet(4, base::Bytes{0})},
      {"sha256_password", encode_packet(4, base::Bytes{0})},
      {"mysql_native_password", encode_packet(4, {})},
      {"client_ed25519", encode_packet(4, base::Bytes(64))},
      {"dialog", encode_packet(4, base::Bytes{0})},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.plugin);
    protocol_step()
        .writes(kLoginOverTls)
        .answers(wire::auth_switch(3, one.plugin))
        .writes(one.answer)
        .answers(wire::error(5, 1045, "Access denied"))
        .ends(End::kDone)
        .verify();
  }
}

TEST(MysqlProtocolStep, AnswersARequestForTheFullPassword) {
  protocol_step()
      .writes(kLoginOverTls)
      .answers(encode_packet(3, base::Bytes{1, 4}))
      .writes(encode_packet(4, base::Bytes{0}))
      .answers(wire::error(5, 1045, "Access denied"))
      .ends(End::kDone)
      .verify();
}

TEST(MysqlProtocolStep, LogsOutWhenTheServerLetsAnybodyIn) {
  protocol_step().writes(kLoginOverTls).answers(wire::ok(3)).writes(kQuit).ends(End::kDone).verify();
}

TEST(MysqlProtocolStep, KeepsAnotherErrorAsANotice) {
  const auto played = protocol_step()
                          .writes(kLoginOverTls)
                          .answers(wire::error(3, 1040, "Too many connections"))
                          .ends(End::kDone)
                          .verify();
  ASSERT_TRUE(played.findings.notice);
  EXPECT_EQ(played.findings.notice->cause, Cause::kServerBusy);
  EXPECT_EQ(played.findings.notice->code, "1040");
  EXPECT_EQ(played.findings.notice->peer_text, "Too many connections");
}

TEST(MysqlProtocolStep, TellsWhatBecameOfTheClientCertificate) {
  const auto refusal = wire::error(3, 1045, "Access denied");
  EXPECT_EQ(protocol_step(true, false).answers(refusal).play().findings.client_certificate,
            ClientCertificateOutcome::kNotRequired);
  EXPECT_EQ(protocol_step(true, true).answers(refusal).play().findings.client_certificate,
            ClientCertificateOutcome::kAccepted);
}

TEST(MysqlProtocolStep, FailsWhenTheServerHangsUp) {
  protocol_step().writes(kLoginOverTls).closes().ends(End::kFail, Cause::kPeerClosed).verify();
}

TEST(MysqlProtocolStep, DoesNotPlayAlongForever) {
  auto script = protocol_step();
  for (std::uint8_t i = 0; i < 20; ++i)
    script.answers(wire::auth_switch(static_cast<std::uint8_t>(3 + 2 * i), "mysql_native_password"));
  const auto played = script.play();
  EXPECT_EQ(played.end, End::kFail);
  EXPECT_LT(played.written.size(), 12U);
}

TEST(MysqlFarewell, EndsAPlaintextConnectionAsPolitely) {
  ScriptedConversation([] { return make_farewell(negotiated(kWithoutTls)); }, Stage::kNegotiate)
      .writes(kPlainLogin)
      .answers(wire::error(2, 1045, "Access denied"))
      .ends(End::kDone)
      .verify();
}

TEST(MysqlFarewell, HasNothingToSayWithoutAGreeting) {
  EXPECT_EQ(make_farewell({}), nullptr);
}

ScriptedConversation plaintext() {
  return {make_plaintext_attempt, Stage::kPlaintext};
}

TEST(MysqlPlaintextAttempt, CannotTellWithoutCredentialsWhereTheServerHasTls) {
  const auto played = plaintext()
                          .answers(wire::greeting())
                          .writes(kPlainLogin)
                          .answers(wire::error(2, 1045, "Access denied"))
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kUnknown);
  ASSERT_TRUE(played.findings.notice);
  EXPECT_NE(played.findings.notice->message.find("credentials"), std::string::npos);
}

TEST(MysqlPlaintextAttempt, FindsPlaintextAcceptedWhereTheServerHasNothingElse) {
  const auto played = plaintext()
                          .answers(wire::greeting(kWithoutTls))
                          .writes(kPlainLogin)
                          .answers(wire::error(2, 1045, "Access denied"))
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
  EXPECT_FALSE(played.findings.notice);
}

TEST(MysqlPlaintextAttempt, FindsPlaintextAcceptedWhereAnybodyGetsIn) {
  const auto played = plaintext()
                          .answers(wire::greeting())
                          .writes(kPlainLogin)
                          .answers(wire::ok(2))
                          .writes(kQuit)
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
}

TEST(MysqlPlaintextAttempt, BelievesAServerThatDemandsSecureTransport) {
  const auto played =
      plaintext()
          .answers(wire::greeting())
          .writes(kPlainLogin)
          .answers(wire::error(2, 3159, "Connections using insecure transport are prohibited"))
          .ends(End::kRefused, Cause::kTlsRequired)
          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
}

}  // namespace
}  // namespace tlswarden::drivers::mysql

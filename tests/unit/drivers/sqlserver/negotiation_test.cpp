#include "drivers/sqlserver/negotiation.hpp"

#include "tests/support/scripted_conversation.hpp"
#include "wire.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;
using probe::Stage;
using probe::Tristate;
using test_support::End;
using test_support::ScriptedConversation;

constexpr std::uint8_t kOff = 0, kOn = 1, kNotSupported = 2, kRequired = 3;

ScriptedConversation negotiation() {
  return ScriptedConversation([] { return make_negotiation(); }, Stage::kNegotiate)
      .writes(wire::prelogin_request(kOn));
}
ScriptedConversation plaintext() {
  return ScriptedConversation([] { return make_plaintext_attempt(); }, Stage::kPlaintext)
      .writes(wire::prelogin_request(kNotSupported));
}
ScriptedConversation strict(bool requested = false, bool presented = false) {
  probe::TlsObservation seen;
  seen.client_certificate_requested = requested;
  seen.client_certificate_presented = presented;
  return ScriptedConversation([seen] { return make_strict_step(seen); }, Stage::kProtocolStep)
      .writes(wire::prelogin_request(kOn));
}

TEST(SqlServerNegotiation, StartsTlsWhereAllWillBeEncrypted) {
  for (const auto encryption : {kOn, kRequired}) {
    const auto played = negotiation().answers(wire::prelogin_reply(encryption)).ends(End::kStartTls).verify();
    EXPECT_EQ(played.findings.tls_offer, probe::Offer::kOffered);
    EXPECT_EQ(played.findings.server_version, "16.0.4191");
    EXPECT_FALSE(played.findings.greeting.empty());
  }
}

TEST(SqlServerNegotiation, IsRefusedByAServerWithoutTls) {
  const auto played = negotiation()
                          .answers(wire::prelogin_reply(kNotSupported))
                          .ends(End::kRefused, Cause::kTlsNotOffered)
                          .verify();
  EXPECT_EQ(played.findings.tls_offer, probe::Offer::kNotOffered);
  EXPECT_EQ(played.findings.server_version, "16.0.4191");
}

TEST(SqlServerNegotiation, DoesNotTakeAnEncryptedLoginForEncryption) {
  const auto played =
      negotiation().answers(wire::prelogin_reply(kOff)).ends(End::kRefused, Cause::kTlsNotOffered).verify();
  EXPECT_EQ(played.findings.tls_offer, probe::Offer::kNotOffered);
  EXPECT_NE(played.failure->message.find("login alone"), std::string::npos);
}

TEST(SqlServerNegotiation, ReadsAReplyOfSeveralPackets) {
  const auto whole = wire::prelogin_reply(kOn);
  const auto payload = base::ByteView(whole).subspan(8);
  const auto first = wire::packet(0x04, payload.first(20), 0),
             second = wire::packet(0x04, payload.subspan(20));
  negotiation().answers(first).answers(second).ends(End::kStartTls).verify();
}

TEST(SqlServerNegotiation, PassesOnWhyAServerTurnsItAway) {
  const auto played = negotiation()
                          .answers(wire::error_reply(17809, "Could not connect because the maximum number"))
                          .closes()
                          .ends(End::kRefused, Cause::kServerBusy)
                          .verify();
  EXPECT_EQ(played.failure->code, "17809");
  EXPECT_EQ(played.failure->peer_text, "Could not connect because the maximum number");
}

TEST(SqlServerNegotiation, NamesWhatIsNoPreloginReply) {
  negotiation().closes().ends(End::kFail, Cause::kPeerClosed).verify();
  negotiation().answers("220 mail.example ESMTP\r\n").ends(End::kFail, Cause::kNotThisProtocol).verify();
  // Lengths and offsets that lead out of the message; no encryption; one of an unknown kind; two.
  for (const char* payload :
       {"", "00", "00001a0006", "00001a0006ff", "01ffff0001ff00", "0100060002ff0101", "ff",
        "0000060006ff1000105f0000", "0100060001ff04", "010006000101000b0001ff01"}) {
    SCOPED_TRACE(payload);
    negotiation()
        .answers(wire::packet(0x04, wire::from_hex(payload)))
        .ends(End::kFail, Cause::kMalformedMessage)
        .verify();
  }
}

TEST(SqlServerPlaintextAttempt, IsAcceptedWhereEncryptionIsNotForced) {
  for (const auto encryption : {kNotSupported, kOff}) {
    const auto played = plaintext().answers(wire::prelogin_reply(encryption)).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
    EXPECT_EQ(played.findings.server_version, "16.0.4191");
  }
}

TEST(SqlServerPlaintextAttempt, IsRefusedWhereEncryptionIsForced) {
  for (const auto encryption : {kRequired, kOn}) {
    const auto played = plaintext()
                            .answers(wire::prelogin_reply(encryption))
                            .ends(End::kRefused, Cause::kTlsRequired)
                            .verify();
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
  }
}

TEST(SqlServerPlaintextAttempt, IsRefusedByAServerThatWantsTlsFirst) {
  const auto played = plaintext().closes().ends(End::kRefused, Cause::kTlsRequired).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
  const auto conversation = make_plaintext_attempt();
  conversation->start();
  const auto reset = conversation->peer_reset();
  ASSERT_TRUE(reset && std::holds_alternative<probe::Refused>(*reset));
  EXPECT_EQ(conversation->findings().plaintext_accepted, Tristate::kNo);
}

TEST(SqlServerPlaintextAttempt, LearnsNothingFromAServerThatBreaksOff) {
  const auto conversation = make_plaintext_attempt();
  conversation->start();
  conversation->receive(base::Bytes{0x04, 0x01});
  EXPECT_FALSE(conversation->peer_reset());
  EXPECT_TRUE(std::holds_alternative<probe::Fail>(conversation->peer_closed()));
  EXPECT_EQ(conversation->findings().plaintext_accepted, Tristate::kUnknown);
}

TEST(SqlServerStrictStep, TellsTheVersionAndMindsNoEncryption) {
  for (const auto encryption : {kOff, kOn, kNotSupported, kRequired}) {
    const auto played = strict().answers(wire::prelogin_reply(encryption)).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.server_version, "16.0.4191");
    EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kNotRequested);
  }
  const auto asked = strict(true, true).answers(wire::prelogin_reply(kOn)).ends(End::kDone).verify();
  EXPECT_EQ(asked.findings.client_certificate, ClientCertificateOutcome::kAccepted);
  strict().closes().ends(End::kFail, Cause::kPeerClosed).verify();
}

}  // namespace
}  // namespace tlswarden::drivers::sqlserver

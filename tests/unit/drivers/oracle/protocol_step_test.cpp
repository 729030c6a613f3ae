#include "drivers/oracle/protocol_step.hpp"

#include "drivers/oracle/connect_request.hpp"
#include "oracle_wire.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;
using test_support::End;
using test_support::ScriptedConversation;

struct Given {
  std::string database;
  bool requested = false;
  bool presented = false;
};

base::Bytes request(const Given& given) {
  probe::Target target;
  target.database = given.database;
  return connect_request(requested_service(target));
}

ScriptedConversation script(const Given& given = {}) {
  probe::Target target;
  target.database = given.database;
  auto credentials = std::make_shared<probe::Credentials>();
  credentials->username = base::Secret("scott");
  credentials->password = base::Secret("s3cret-tiger");
  target.credentials = std::move(credentials);
  probe::TlsObservation seen;
  seen.client_certificate_requested = given.requested;
  seen.client_certificate_presented = given.presented;
  return ScriptedConversation([target, seen] { return make_protocol_step(target, seen); },
                              probe::Stage::kProtocolStep)
      .writes(request(given))
      .never_writes("s3cret-tiger")
      .never_writes("scott");
}

TEST(OracleProtocolStep, ReadsTheVersionFromTheRefusalOfAnUnknownService) {
  const auto played = script().answers(fixtures::refusal("352321536", "12514")).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.server_version, "21");
  EXPECT_FALSE(played.findings.notice);
  const auto old = script().answers(fixtures::refusal("186647040", "12505")).ends(End::kDone).verify();
  EXPECT_EQ(old.findings.server_version, "11.2.0.2.0");
  EXPECT_FALSE(old.findings.notice);
}

TEST(OracleProtocolStep, GuessesNoVersionThatIsHidden) {
  for (const char* text :
       {"(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR=12514))", "(DESCRIPTION=(ERR=12514))", "(VSNNUM=)(ERR=12514)",
        "(VSNNUM=4294967296)(ERR=12514)", "(VSNNUM=99999999999999999999)(ERR=12514)",
        "(VSNNUM=-1)(ERR=12514)", "(ERR=12514)(VSNNUM=352321536"}) {
    const auto played = script().answers(fixtures::refusal(text)).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.server_version, "") << text;
    EXPECT_FALSE(played.findings.notice) << text;
  }
}

TEST(OracleProtocolStep, TakesAnyAnswerForAcceptance) {
  for (const auto& answer : {fixtures::refusal("0", "12514"), fixtures::refusal("0", "1189"),
                             fixtures::redirect(), fixtures::kResendAfterHandshake}) {
    const auto played = script({"", true, true}).answers(answer).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kAccepted);
  }
  const auto outcome = [](bool requested, bool presented) {
    return script({"", requested, presented}).answers(fixtures::kMarker).play().findings.client_certificate;
  };
  EXPECT_EQ(outcome(false, false), ClientCertificateOutcome::kNotRequested);
  EXPECT_EQ(outcome(true, false), ClientCertificateOutcome::kNotRequired);
  EXPECT_EQ(outcome(true, true), ClientCertificateOutcome::kAccepted);
}

TEST(OracleProtocolStep, LeavesAServerThatAccepts) {
  const Given given{"orders.example.com"};
  script(given).answers(fixtures::accept(318)).writes(fixtures::kFarewell).ends(End::kDone).verify();
  script(given).answers(fixtures::accept(312)).writes(fixtures::kOldFarewell).ends(End::kDone).verify();
}

TEST(OracleProtocolStep, SendsItsRequestAgainWhenAsked) {
  const auto played = script()
                          .answers(fixtures::kResend)
                          .writes(request({}))
                          .answers(fixtures::kMarker)
                          .answers(fixtures::refusal("318767104", "12514"))
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.server_version, "19");
}

TEST(OracleProtocolStep, DoesNotSendItForEver) {
  script()
      .answers(fixtures::kResend)
      .writes(request({}))
      .answers(fixtures::kResend)
      .writes(request({}))
      .answers(fixtures::kResend)
      .writes(request({}))
      .answers(fixtures::kResend)
      .ends(End::kFail, Cause::kMalformedMessage)
      .verify();
}

TEST(OracleProtocolStep, NotesWhatItDoesNotFollow) {
  const auto redirected = script().answers(fixtures::redirect()).ends(End::kDone).verify();
  ASSERT_TRUE(redirected.findings.notice);
  EXPECT_NE(redirected.findings.notice->message.find("another address"), std::string::npos);
  const auto handed_on = script().answers(fixtures::kResendAfterHandshake).ends(End::kDone).verify();
  ASSERT_TRUE(handed_on.findings.notice);
  EXPECT_NE(handed_on.findings.notice->message.find("TLS handshake of its own"), std::string::npos);
}

TEST(OracleProtocolStep, SaysWhyAListenerRefuses) {
  struct Case {
    const char* error;
    Cause cause;
  };
  for (const auto& [error, cause] :
       {Case{"12514", Cause::kDatabaseNotFound}, Case{"12505", Cause::kDatabaseNotFound},
        Case{"12516", Cause::kServerBusy}, Case{"12520", Cause::kServerBusy},
        Case{"12528", Cause::kServerStarting}, Case{"12529", Cause::kAccessRefused},
        Case{"1189", Cause::kServerError}, Case{"", Cause::kServerError}}) {
    const auto played =
        script({"orders"}).answers(fixtures::refusal("318767104", error)).ends(End::kDone).verify();
    ASSERT_TRUE(played.findings.notice) << error;
    EXPECT_EQ(played.findings.notice->cause, cause) << error;
    EXPECT_EQ(played.findings.notice->code, error);
    EXPECT_EQ(played.findings.notice->peer_text, fixtures::refusal_text("318767104", error));
  }
}

TEST(OracleProtocolStep, WaitsForTheTextOfARefusalThatComesApart) {
  const std::string text = fixtures::refusal_text("203424000", "12514");
  base::Bytes data{0, 0};
  data.insert(data.end(), text.begin(), text.end());
  const auto length = static_cast<std::uint8_t>(text.size());
  const auto apart = fixtures::packet(4, {34, 0, 0, length});
  const auto played = script().answers(apart).answers(fixtures::packet(6, data)).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.server_version, "12.2.0.1.0");
  const auto without = script().answers(apart).closes().ends(End::kDone).verify();
  EXPECT_EQ(without.findings.server_version, "");
  script().answers(apart).answers(fixtures::kMarker).ends(End::kFail, Cause::kMalformedMessage).verify();
  script()
      .answers(apart)
      .answers(fixtures::packet(6, {0}))
      .ends(End::kFail, Cause::kMalformedMessage)
      .verify();
}

TEST(OracleProtocolStep, BoundsWhatItKeepsOfARefusal) {
  const auto played = script().answers(fixtures::refusal("(ERR=1189)" + std::string(60000, 'x'))).play();
  ASSERT_TRUE(played.findings.notice);
  EXPECT_EQ(played.findings.notice->peer_text.size(), 2048U);
}

TEST(OracleProtocolStep, RefusesAnswersThatAreTooShort) {
  for (const auto& answer :
       {fixtures::packet(2, {1, 62}), fixtures::packet(4, {34, 0}), fixtures::packet(6, {0, 0})}) {
    script().answers(answer).ends(End::kFail, Cause::kMalformedMessage).verify();
  }
}

TEST(OracleProtocolStep, NamesAnotherProtocolAndAPeerThatOnlyCloses) {
  script().answers("HTTP/1.1 400 Bad Request\r\n").ends(End::kFail, Cause::kNotThisProtocol).verify();
  script().closes().ends(End::kFail, Cause::kPeerClosed).verify();
}

}  // namespace
}  // namespace tlswarden::drivers::oracle

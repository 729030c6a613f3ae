#include "drivers/clickhouse/protocol_step.hpp"

#include "drivers/clickhouse/native.hpp"
#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::clickhouse {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script(const probe::Target& target, bool presented = false) {
  probe::TlsObservation seen;
  seen.client_certificate_requested = presented;
  seen.client_certificate_presented = presented;
  return ScriptedConversation([target, seen] { return make_protocol_step(target, seen); },
                              probe::Stage::kProtocolStep)
      .never_writes("s3cret");
}

ScriptedConversation query() {
  return script(fixtures::target(8443), true).writes(base::to_bytes(fixtures::kQuery));
}

ScriptedConversation hello() {
  return script(fixtures::target(9440), true).writes(made_up_hello());
}

TEST(ClickHouseProtocolStep, ReadsTheVersionFromTheRefusal) {
  const auto played = query().answers(fixtures::kRefused24).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.server_version, "24.1.3.31");
  EXPECT_EQ(played.findings.server_product, "ClickHouse");
  EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kAccepted);
  EXPECT_FALSE(played.findings.notice) << "it was to be expected";
}

TEST(ClickHouseProtocolStep, TakesARefusalWithoutAVersionForAcceptance) {
  const auto played = query().answers(fixtures::kUnknownUser).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.server_version, "");
  EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kAccepted);
  EXPECT_FALSE(played.findings.notice);
}

TEST(ClickHouseProtocolStep, ReadsTheVersionWhereEverybodyMayAsk) {
  const auto answer = test_support::http_answer("200 OK", "24.1.3.31\n", "X-ClickHouse-Summary: {}\r\n");
  EXPECT_EQ(query().answers(answer).ends(End::kDone).verify().findings.server_version, "24.1.3.31");
}

TEST(ClickHouseProtocolStep, PingsWhereALoginWillTellTheVersion) {
  const auto played = script(fixtures::target(8443, true))
                          .writes(base::to_bytes(fixtures::kPing))
                          .answers(fixtures::kPong)
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.server_product, "ClickHouse");
  EXPECT_EQ(played.findings.server_version, "");
}

TEST(ClickHouseProtocolStep, AsksForTheVersionWhereANameIsAllThatIsDeclared) {
  auto target = fixtures::target(8443);
  target.credentials = test_support::credentials("app", "");
  script(target)
      .writes(base::to_bytes(fixtures::kQuery))
      .answers(fixtures::kRefused24)
      .ends(End::kDone)
      .verify();
}

TEST(ClickHouseProtocolStep, SaysWhyAServerTurnsItAway) {
  const auto busy =
      test_support::http_answer("500 Internal Server Error",
                                "Code: 202. DB::Exception: Too many simultaneous queries. Maximum: 100.\n");
  const auto played = query().answers(busy).ends(End::kDone).verify();
  ASSERT_TRUE(played.findings.notice);
  EXPECT_EQ(played.findings.notice->cause, Cause::kServerBusy);
  EXPECT_EQ(played.findings.notice->code, "202");
}

TEST(ClickHouseProtocolStep, UnderstandsANativePortThatItTookForHttp) {
  const auto played = query().answers(fixtures::kNativePort).closes().ends(End::kDone).verify();
  EXPECT_EQ(played.findings.server_product, "ClickHouse");
  EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kAccepted);
  query().answers(fixtures::exception(101, "Unexpected packet from client")).ends(End::kDone).verify();
}

TEST(ClickHouseProtocolStep, GreetsANativePortByItsNumber) {
  const auto refused = hello().answers(fixtures::exception(192, "Unknown user")).ends(End::kDone).verify();
  EXPECT_EQ(refused.findings.client_certificate, ClientCertificateOutcome::kAccepted);
  EXPECT_FALSE(refused.findings.notice);
  const auto admitted = hello().answers(fixtures::kServerHello).ends(End::kDone).verify();
  EXPECT_EQ(admitted.findings.server_version, "24.1.3");
}

TEST(ClickHouseProtocolStep, NamesAnotherProtocol) {
  query().answers("220 mail.example ESMTP\r\n").ends(End::kFail, Cause::kNotThisProtocol).verify();
  const auto not_found = test_support::http_answer("404 Not Found", "404 page not found\n");
  query().answers(not_found).ends(End::kFail, Cause::kNotThisProtocol).verify();
  hello()
      .answers("HTTP/1.1 400 Bad Request\r\nConnection: Close\r\n\r\n")
      .closes()
      .ends(End::kFail, Cause::kNotThisProtocol)
      .verify();
}

TEST(ClickHouseProtocolStep, NamesAPeerThatOnlyCloses) {
  query().closes().ends(End::kFail, Cause::kPeerClosed).verify();
  hello().closes().ends(End::kFail, Cause::kPeerClosed).verify();
}

}  // namespace
}  // namespace tlswarden::drivers::clickhouse

#include "drivers/oracle/plaintext_attempt.hpp"

#include "drivers/oracle/connect_request.hpp"
#include "oracle_wire.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using probe::Cause;
using probe::Tristate;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script(const std::string& database = {}) {
  probe::Target target;
  target.database = database;
  return ScriptedConversation([target] { return make_plaintext_attempt(target); }, probe::Stage::kPlaintext)
      .writes(connect_request(requested_service(target)));
}

TEST(OraclePlaintextAttempt, IsAcceptedByAnyAnswer) {
  for (const auto& answer :
       {fixtures::refusal("318767104", "12514"), fixtures::redirect(), fixtures::kResendAfterHandshake}) {
    const auto played = script().answers(answer).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
  }
  const auto accepted =
      script("orders").answers(fixtures::accept()).writes(fixtures::kFarewell).ends(End::kDone).verify();
  EXPECT_EQ(accepted.findings.plaintext_accepted, Tristate::kYes);
}

TEST(OraclePlaintextAttempt, SendsItsRequestAgainAndReadsTheVersion) {
  const auto again = connect_request(requested_service({}));
  const auto played = script()
                          .answers(fixtures::kResend)
                          .writes(again)
                          .answers(fixtures::refusal("318767104", "12514"))
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.server_version, "19");
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
}

TEST(OraclePlaintextAttempt, IsRefusedByATlsListenerThatCloses) {
  const auto played = script().closes().ends(End::kRefused, Cause::kTlsRequired).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
}

TEST(OraclePlaintextAttempt, IsRefusedByATlsListenerThatResets) {
  const auto conversation = make_plaintext_attempt({});
  conversation->start();
  const auto action = conversation->peer_reset();
  ASSERT_TRUE(action);
  ASSERT_TRUE(std::holds_alternative<probe::Refused>(*action));
  EXPECT_EQ(std::get<probe::Refused>(*action).failure.cause, Cause::kTlsRequired);
  EXPECT_EQ(conversation->findings().plaintext_accepted, Tristate::kNo);
}

TEST(OraclePlaintextAttempt, IsRefusedByATlsAlert) {
  for (const std::uint8_t minor : {1, 3}) {
    const auto played = script()
                            .answers(base::Bytes{0x15, 0x03, minor, 0x00, 0x02, 0x02, 0x46})
                            .ends(End::kRefused, Cause::kTlsRequired)
                            .verify();
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
  }
}

TEST(OraclePlaintextAttempt, LearnsNothingFromAnAccessList) {
  const auto played = script().answers(fixtures::refusal("0", "12506")).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kUnknown);
  ASSERT_TRUE(played.findings.notice);
  EXPECT_EQ(played.findings.notice->cause, Cause::kAccessRefused);
}

TEST(OraclePlaintextAttempt, LearnsNothingFromAnotherProtocol) {
  const auto played =
      script().answers("SSH-2.0-OpenSSH_9.2\r\n").ends(End::kFail, Cause::kNotThisProtocol).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kUnknown);
}

}  // namespace
}  // namespace tlswarden::drivers::oracle

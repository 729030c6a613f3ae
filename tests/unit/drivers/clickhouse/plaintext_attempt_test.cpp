#include "drivers/clickhouse/plaintext_attempt.hpp"

#include "drivers/clickhouse/native.hpp"
#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::clickhouse {
namespace {

using probe::Cause;
using probe::Tristate;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script(const probe::Target& target) {
  return ScriptedConversation([target] { return make_plaintext_attempt(target); }, probe::Stage::kPlaintext)
      .never_writes("s3cret");
}

ScriptedConversation query() {
  return script(fixtures::target(8443)).writes(base::to_bytes(fixtures::kQuery));
}

ScriptedConversation hello() {
  return script(fixtures::target(9000)).writes(made_up_hello());
}

TEST(ClickHousePlaintextAttempt, IsAcceptedByAnyAnswer) {
  for (const auto& answer : {fixtures::kPong, fixtures::kUnknownUser, fixtures::kRefused24}) {
    const auto played = query().answers(answer).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
  }
  for (const auto& answer : {fixtures::kServerHello, fixtures::exception(516, "no")}) {
    const auto played = hello().answers(answer).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
  }
  const auto native = query().answers(fixtures::kNativePort).closes().ends(End::kDone).verify();
  EXPECT_EQ(native.findings.plaintext_accepted, Tristate::kYes);
}

TEST(ClickHousePlaintextAttempt, IsRefusedByATlsListener) {
  const base::Bytes alert{0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46};
  for (const auto& played : {query().closes().ends(End::kRefused, Cause::kTlsRequired).verify(),
                             query().answers(alert).ends(End::kRefused, Cause::kTlsRequired).verify(),
                             hello().closes().ends(End::kRefused, Cause::kTlsRequired).verify()}) {
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
  }
}

TEST(ClickHousePlaintextAttempt, IsRefusedByAProxyThatSaysSo) {
  const auto nginx = test_support::http_answer(
      "400 Bad Request", "<center>The plain HTTP request was sent to HTTPS port</center>\r\n");
  const auto played = query().answers(nginx).ends(End::kRefused, Cause::kTlsRequired).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
}

TEST(ClickHousePlaintextAttempt, TakesAResetForARefusal) {
  const auto attempt = make_plaintext_attempt(fixtures::target(8443));
  attempt->start();
  const auto action = attempt->peer_reset();
  ASSERT_TRUE(action);
  EXPECT_TRUE(std::holds_alternative<probe::Refused>(*action));
  EXPECT_EQ(attempt->findings().plaintext_accepted, Tristate::kNo);
}

TEST(ClickHousePlaintextAttempt, ProvesNothingWithAnotherProtocol) {
  const auto played =
      query().answers("220 mail.example ESMTP\r\n").ends(End::kFail, Cause::kNotThisProtocol).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kUnknown);
}

}  // namespace
}  // namespace tlswarden::drivers::clickhouse

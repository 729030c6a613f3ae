#include "drivers/redis/plaintext_attempt.hpp"

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::redis {
namespace {

using probe::Cause;
using probe::Tristate;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script() {
  return ScriptedConversation([] { return make_plaintext_attempt(); }, probe::Stage::kPlaintext)
      .writes(base::to_bytes(fixtures::kHelloAndQuit));
}

TEST(RedisPlaintextAttempt, IsAcceptedByAnyReply) {
  for (const auto& reply :
       {fixtures::hello("redis", "7.0.15"), fixtures::kNoAuth, std::string("-ERR no\r\n")}) {
    const auto played = script().answers(reply).answers(fixtures::kOk).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
  }
}

TEST(RedisPlaintextAttempt, IsRefusedByATlsListenerThatCloses) {
  const auto played = script().closes().ends(End::kRefused, Cause::kTlsRequired).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
}

TEST(RedisPlaintextAttempt, IsRefusedByATlsListenerThatResets) {
  const auto conversation = make_plaintext_attempt();
  conversation->start();
  const auto action = conversation->peer_reset();
  ASSERT_TRUE(action);
  ASSERT_TRUE(std::holds_alternative<probe::Refused>(*action));
  EXPECT_EQ(std::get<probe::Refused>(*action).failure.cause, Cause::kTlsRequired);
  EXPECT_EQ(conversation->findings().plaintext_accepted, Tristate::kNo);
}

TEST(RedisPlaintextAttempt, IsRefusedByATlsAlert) {
  const auto played = script()
                          .answers(base::Bytes{0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46})
                          .ends(End::kRefused, Cause::kTlsRequired)
                          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
}

TEST(RedisPlaintextAttempt, LearnsNothingFromProtectedMode) {
  const auto played = script().answers(fixtures::kDenied).closes().ends(End::kDone).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kUnknown);
  ASSERT_TRUE(played.findings.notice);
  EXPECT_EQ(played.findings.notice->cause, Cause::kAccessRefused);
}

}  // namespace
}  // namespace tlswarden::drivers::redis

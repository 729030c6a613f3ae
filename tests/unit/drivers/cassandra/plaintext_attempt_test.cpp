#include "drivers/cassandra/plaintext_attempt.hpp"

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using probe::Cause;
using probe::Tristate;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script() {
  return ScriptedConversation([] { return make_plaintext_attempt(); }, probe::Stage::kPlaintext)
      .writes(base::to_bytes(fixtures::kOptions));
}

TEST(CassandraPlaintextAttempt, IsAcceptedByAnAnswer) {
  const auto played = script().answers(fixtures::scylla_supported()).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
  EXPECT_EQ(played.findings.server_product, "ScyllaDB");
}

TEST(CassandraPlaintextAttempt, IsRefusedByATlsListenerThatCloses) {
  const auto played = script().closes().ends(End::kRefused, Cause::kTlsRequired).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
}

TEST(CassandraPlaintextAttempt, IsRefusedByATlsListenerThatResets) {
  const auto conversation = make_plaintext_attempt();
  conversation->start();
  const auto action = conversation->peer_reset();
  ASSERT_TRUE(action);
  ASSERT_TRUE(std::holds_alternative<probe::Refused>(*action));
  EXPECT_EQ(std::get<probe::Refused>(*action).failure.cause, Cause::kTlsRequired);
  EXPECT_EQ(conversation->findings().plaintext_accepted, Tristate::kNo);
}

TEST(CassandraPlaintextAttempt, IsRefusedByATlsAlert) {
  const auto played = script()
                          .answers(base::Bytes{0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46})
                          .ends(End::kRefused, Cause::kTlsRequired)
                          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
}

TEST(CassandraPlaintextAttempt, IsRefusedByAnError) {
  const auto played = script()
                          .answers(fixtures::error(0x0100, "encryption is required"))
                          .ends(End::kRefused, Cause::kTlsRequired)
                          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
  EXPECT_EQ(played.failure->peer_text, "encryption is required");
}

TEST(CassandraPlaintextAttempt, LearnsNothingFromANodeInTrouble) {
  for (const auto& [code, cause] : {std::pair{0x1001U, Cause::kServerBusy},
                                    {0x1002U, Cause::kServerStarting},
                                    {0x000AU, Cause::kUnsupported}}) {
    const auto played = script().answers(fixtures::error(code, "no")).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kUnknown);
    ASSERT_TRUE(played.findings.notice);
    EXPECT_EQ(played.findings.notice->cause, cause);
  }
}

}  // namespace
}  // namespace tlswarden::drivers::cassandra

#include "drivers/mongodb/plaintext_attempt.hpp"

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using fixtures::op_msg;
using fixtures::op_reply;
using probe::Cause;
using probe::Tristate;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script() {
  return ScriptedConversation([] { return make_plaintext_attempt(); }, probe::Stage::kPlaintext)
      .writes(fixtures::is_master());
}

TEST(MongodbPlaintextAttempt, IsAcceptedByAReply) {
  const auto played = script()
                          .answers(op_reply(1, fixtures::kMongod))
                          .writes(fixtures::build_info())
                          .answers(op_msg(2, fixtures::kBuildInfo))
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
  EXPECT_EQ(played.findings.server_version, "7.0.14");
}

TEST(MongodbPlaintextAttempt, IsAcceptedByAnErrorToo) {
  const auto played = script().answers(op_reply(1, fixtures::kShutdown)).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
}

TEST(MongodbPlaintextAttempt, IsRefusedByAServerThatClosesOrResets) {
  const auto played = script().closes().ends(End::kRefused, Cause::kTlsRequired).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
  const auto conversation = make_plaintext_attempt();
  conversation->start();
  const auto action = conversation->peer_reset();
  ASSERT_TRUE(action && std::holds_alternative<probe::Refused>(*action));
  EXPECT_EQ(conversation->findings().plaintext_accepted, Tristate::kNo);
}

TEST(MongodbPlaintextAttempt, IsRefusedByATlsAlert) {
  const auto played = script()
                          .answers(base::Bytes{0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46})
                          .ends(End::kRefused, Cause::kTlsRequired)
                          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
}

TEST(MongodbPlaintextAttempt, DoesNotTakeALengthForAnAlert) {
  // 0x0315 bytes: the first two are those of an alert.
  const std::string start = R"({"ok": 1.0, "maxWireVersion": 21, "x": ")";
  std::string padding(0x0315, 'x');
  padding.resize(padding.size() - (op_reply(1, start + "\"}").size()));
  const auto reply = op_reply(1, start + padding + "\"}");
  ASSERT_EQ(reply[0], 0x15);
  ASSERT_EQ(reply[1], 0x03);
  const auto played = script()
                          .answers(reply)
                          .writes(fixtures::build_info())
                          .answers(op_msg(2, fixtures::kBuildInfo))
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
}

TEST(MongodbPlaintextAttempt, LearnsNothingFromAnotherProtocol) {
  const auto played =
      script().answers("HTTP/1.0 200 OK\r\n\r\nIt looks").ends(End::kFail, Cause::kNotThisProtocol).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kUnknown);
}

}  // namespace
}  // namespace tlswarden::drivers::mongodb

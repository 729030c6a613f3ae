#include "drivers/etcd/plaintext_attempt.hpp"

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::etcd {
namespace {

using probe::Cause;
using probe::Tristate;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script() {
  return ScriptedConversation([] { return make_plaintext_attempt(fixtures::target()); },
                              probe::Stage::kPlaintext)
      .never_writes("cret")
      .writes(base::to_bytes(fixtures::kAskVersionOnly));
}

TEST(EtcdPlaintextAttempt, IsAcceptedWithAVersion) {
  const auto played = script().answers(fixtures::kVersion).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
  EXPECT_EQ(played.findings.server_version, "3.4.23");
}

TEST(EtcdPlaintextAttempt, IsRefusedByATlsListener) {
  const base::Bytes alert{0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46};
  // Go's web server answers like this before it closes.
  const std::string told =
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
  for (const auto& played :
       {script().closes().ends(End::kRefused, Cause::kTlsRequired).verify(),
        script().answers(alert).ends(End::kRefused, Cause::kTlsRequired).verify(),
        script().answers(told).closes().ends(End::kRefused, Cause::kTlsRequired).verify()}) {
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
  }
}

TEST(EtcdPlaintextAttempt, TakesAResetForARefusal) {
  const auto attempt = make_plaintext_attempt(fixtures::target());
  attempt->start();
  const auto action = attempt->peer_reset();
  ASSERT_TRUE(action);
  EXPECT_TRUE(std::holds_alternative<probe::Refused>(*action));
}

TEST(EtcdPlaintextAttempt, ProvesNothingWithAnotherServer) {
  const auto played =
      script().answers(fixtures::kNotFound).ends(End::kFail, Cause::kNotThisProtocol).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kUnknown);
}

}  // namespace
}  // namespace tlswarden::drivers::etcd

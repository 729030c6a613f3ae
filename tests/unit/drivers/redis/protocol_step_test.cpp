#include "drivers/redis/protocol_step.hpp"

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::redis {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script(bool requested = false, bool presented = false) {
  probe::TlsObservation seen;
  seen.client_certificate_requested = requested;
  seen.client_certificate_presented = presented;
  return ScriptedConversation([seen] { return make_protocol_step(seen); }, probe::Stage::kProtocolStep)
      .writes(base::to_bytes(fixtures::kHelloAndQuit));
}

TEST(RedisProtocolStep, ReadsVersionAndProductFromHello) {
  const auto played =
      script().answers(fixtures::hello("redis", "7.0.15")).answers(fixtures::kOk).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.server_version, "7.0.15");
  EXPECT_EQ(played.findings.server_product, "Redis");
  EXPECT_FALSE(played.findings.notice);
  const auto valkey =
      script().answers(fixtures::hello("valkey", "8.1.1") + fixtures::kOk).ends(End::kDone).verify();
  EXPECT_EQ(valkey.findings.server_version, "8.1.1");
  EXPECT_EQ(valkey.findings.server_product, "Valkey");
}

TEST(RedisProtocolStep, TakesADemandForALoginForAcceptance) {
  const auto played =
      script(true, true).answers(fixtures::kNoAuth).answers(fixtures::kOk).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kAccepted);
  EXPECT_EQ(played.findings.server_version, "");
  EXPECT_FALSE(played.findings.notice);
}

TEST(RedisProtocolStep, TellsWhetherACertificateWasWanted) {
  const auto outcome = [](bool requested, bool presented) {
    return script(requested, presented).answers(fixtures::kNoAuth).play().findings.client_certificate;
  };
  EXPECT_EQ(outcome(false, false), ClientCertificateOutcome::kNotRequested);
  EXPECT_EQ(outcome(true, false), ClientCertificateOutcome::kNotRequired);
  EXPECT_EQ(outcome(true, true), ClientCertificateOutcome::kAccepted);
}

TEST(RedisProtocolStep, IsContentWithAServerThatLeavesWithoutAnsweringQuit) {
  script().answers(fixtures::kNoAuth).closes().ends(End::kDone).verify();
}

TEST(RedisProtocolStep, SaysWhyAServerTurnsItAway) {
  const auto denied = script().answers(fixtures::kDenied).closes().ends(End::kDone).verify();
  ASSERT_TRUE(denied.findings.notice);
  EXPECT_EQ(denied.findings.notice->cause, Cause::kAccessRefused);
  const auto busy =
      script().answers("-ERR max number of clients reached\r\n").closes().ends(End::kDone).verify();
  ASSERT_TRUE(busy.findings.notice);
  EXPECT_EQ(busy.findings.notice->cause, Cause::kServerBusy);
  const auto loading = script()
                           .answers("-LOADING Redis is loading the dataset in memory\r\n")
                           .answers(fixtures::kOk)
                           .ends(End::kDone)
                           .verify();
  ASSERT_TRUE(loading.findings.notice);
  EXPECT_EQ(loading.findings.notice->cause, Cause::kServerStarting);
}

TEST(RedisProtocolStep, GetsAlongWithAServerTooOldForHello) {
  const auto played =
      script().answers("-ERR unknown command `HELLO`\r\n").answers(fixtures::kOk).ends(End::kDone).verify();
  EXPECT_FALSE(played.findings.notice);
}

TEST(RedisProtocolStep, NamesAnotherProtocol) {
  script().answers("HTTP/1.1 400 Bad Request\r\n").ends(End::kFail, Cause::kNotThisProtocol).verify();
}

TEST(RedisProtocolStep, NamesAPeerThatOnlyCloses) {
  script().closes().ends(End::kFail, Cause::kPeerClosed).verify();
}

}  // namespace
}  // namespace tlswarden::drivers::redis

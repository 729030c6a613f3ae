#include "drivers/mongodb/protocol_step.hpp"

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using fixtures::op_msg;
using fixtures::op_reply;
using probe::Cause;
using probe::ClientCertificateOutcome;
using test_support::End;
using test_support::ScriptedConversation;

probe::TlsObservation handshake(bool requested, bool presented) {
  probe::TlsObservation seen;
  seen.client_certificate_requested = requested;
  seen.client_certificate_presented = presented;
  return seen;
}

ScriptedConversation script(bool requested = false, bool presented = false) {
  const auto seen = handshake(requested, presented);
  return ScriptedConversation([seen] { return make_protocol_step(seen); }, probe::Stage::kProtocolStep)
      .writes(fixtures::is_master());
}

TEST(MongodbProtocolStep, ReadsTheVersionFromBuildInfo) {
  const auto played = script()
                          .answers(op_reply(1, fixtures::kMongod))
                          .writes(fixtures::build_info())
                          .answers(op_msg(2, fixtures::kBuildInfo))
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.server_version, "7.0.14");
  EXPECT_EQ(played.findings.server_product, "MongoDB");
  EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kNotRequested);
}

TEST(MongodbProtocolStep, AsksAnOldServerInItsOwnWords) {
  const auto played = script()
                          .answers(op_reply(1, fixtures::kMongod34))
                          .writes(fixtures::legacy_build_info())
                          .answers(op_reply(2, R"({"version": "3.4.24", "ok": 1.0})"))
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.server_version, "3.4.24");
}

TEST(MongodbProtocolStep, TellsTheProductsApart) {
  const auto product = [](const std::string& hello, const std::string& build_info) {
    return script().answers(op_reply(1, hello)).answers(op_msg(2, build_info)).play().findings.server_product;
  };
  EXPECT_EQ(product(fixtures::kMongos, fixtures::kBuildInfo), "MongoDB (mongos)");
  EXPECT_EQ(product(fixtures::kAtlas, fixtures::kBuildInfo), "MongoDB Atlas");
  EXPECT_EQ(product(fixtures::kMongod, fixtures::kFerretBuildInfo), "FerretDB");
}

TEST(MongodbProtocolStep, DoesNotGuessAVersionThatNeedsALogin) {
  const auto played = script()
                          .answers(op_reply(1, fixtures::kMongod))
                          .writes(fixtures::build_info())
                          .answers(op_msg(2, fixtures::kUnauthorized))
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.server_version, "");
  EXPECT_EQ(played.findings.server_product, "MongoDB");
  EXPECT_FALSE(played.findings.notice);
}

TEST(MongodbProtocolStep, TellsWhetherACertificateWasWanted) {
  const auto outcome = [](bool requested, bool presented) {
    return script(requested, presented)
        .answers(op_reply(1, fixtures::kMongod))
        .play()
        .findings.client_certificate;
  };
  EXPECT_EQ(outcome(false, false), ClientCertificateOutcome::kNotRequested);
  EXPECT_EQ(outcome(true, false), ClientCertificateOutcome::kNotRequired);
  EXPECT_EQ(outcome(true, true), ClientCertificateOutcome::kAccepted);
}

TEST(MongodbProtocolStep, TakesAHangUpForADemandWhereACertificateWasRequested) {
  const auto required =
      script(true, false).closes().ends(End::kRefused, Cause::kClientCertificateRequired).verify();
  EXPECT_EQ(required.findings.client_certificate, ClientCertificateOutcome::kRequired);
  const auto rejected =
      script(true, true).closes().ends(End::kRefused, Cause::kClientCertificateRejected).verify();
  EXPECT_EQ(rejected.findings.client_certificate, ClientCertificateOutcome::kRejected);
  script(false, false).closes().ends(End::kFail, Cause::kPeerClosed).verify();
}

TEST(MongodbProtocolStep, TakesAResetForTheSame) {
  const auto conversation = make_protocol_step(handshake(true, false));
  conversation->start();
  const auto action = conversation->peer_reset();
  ASSERT_TRUE(action && std::holds_alternative<probe::Refused>(*action));
  EXPECT_EQ(std::get<probe::Refused>(*action).failure.cause, Cause::kClientCertificateRequired);
  const auto unasked = make_protocol_step(handshake(false, false));
  unasked->start();
  EXPECT_FALSE(unasked->peer_reset());
}

TEST(MongodbProtocolStep, DoesNotBlameTheCertificateOnceTheServerHasSpoken) {
  auto half = op_reply(1, fixtures::kMongod);
  half.resize(half.size() / 2);
  script(true, false).answers(half).closes().ends(End::kFail, Cause::kPeerClosed).verify();
  const auto after_greeting = script(true, false)
                                  .answers(op_reply(1, fixtures::kMongod))
                                  .writes(fixtures::build_info())
                                  .closes()
                                  .ends(End::kDone)
                                  .verify();
  EXPECT_EQ(after_greeting.findings.client_certificate, ClientCertificateOutcome::kNotRequired);
}

TEST(MongodbProtocolStep, SaysThatAServerIsGoingDown) {
  const auto played = script().answers(op_reply(1, fixtures::kShutdown)).ends(End::kDone).verify();
  ASSERT_TRUE(played.findings.notice);
  EXPECT_EQ(played.findings.notice->cause, Cause::kServerStarting);
  EXPECT_EQ(played.findings.notice->code, "ShutdownInProgress");
  EXPECT_EQ(played.findings.notice->peer_text, "The server is in quiesce mode");
}

TEST(MongodbProtocolStep, TakesNoAnswerToAnotherQuestion) {
  script().answers(op_reply(2, fixtures::kMongod)).ends(End::kFail, Cause::kMalformedMessage).verify();
  script()
      .answers(op_reply(1, fixtures::kMongod))
      .writes(fixtures::build_info())
      .answers(op_msg(1, fixtures::kBuildInfo))
      .ends(End::kFail, Cause::kMalformedMessage)
      .verify();
}

TEST(MongodbProtocolStep, NamesAnotherProtocol) {
  script().answers("HTTP/1.1 400 Bad Request\r\n").ends(End::kFail, Cause::kNotThisProtocol).verify();
}

}  // namespace
}  // namespace tlswarden::drivers::mongodb

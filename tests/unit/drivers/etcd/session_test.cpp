#include "drivers/etcd/session.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "tests/support/scripted_session.hpp"

namespace tlswarden::drivers::etcd {
namespace {

using probe::Cause;
using probe::Tristate;

constexpr const char* kAuthenticate = "POST /v3/auth/authenticate ";
constexpr const char* kStatus = "POST /v3/maintenance/status ";
constexpr const char* kMembers = "POST /v3/cluster/member/list ";

class EtcdSession : public testing::Test {
 protected:
  EtcdSession() {
    target_.mode = resource::TlsMode::kVerifyFull;
    server_.answer(kAuthenticate, fixtures::kToken);
    server_.answer(kStatus, fixtures::kStatus);
    server_.answer(kMembers, fixtures::members(R"("https://etcd-0:2379")"));
  }

  probe::SessionObservation run() {
    const auto prepare = [this](test_support::ScriptedSessionContext& context) {
      context.too_weak = too_weak_;
    };
    const auto afterwards = [this](const test_support::ScriptedSessionContext& context) {
      allowed_plaintext_ = context.allowed_plaintext;
    };
    return test_support::log_in(server_, target_, run_session, prepare, afterwards);
  }

  test_support::SessionServer server_;
  probe::Target target_ = fixtures::target();
  bool too_weak_ = false;
  std::optional<bool> allowed_plaintext_;
};

TEST_F(EtcdSession, LogsInAndAsksForVersionAndEncryption) {
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.server_version, "3.4.23");
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  ASSERT_EQ(server_.received.size(), 3U);
  EXPECT_NE(server_.received[0].find(R"({"name":"app","password":"s3\"cret"})"), std::string::npos);
  EXPECT_NE(server_.received[1].find("Authorization: IUdYbRLYmUdrvBPE.11\r\n"), std::string::npos);
  EXPECT_EQ(server_.channels, 1U);
  EXPECT_EQ(server_.closed, 1U);
}

TEST_F(EtcdSession, ReportsWhatTheServerAdvertises) {
  server_.answer(kMembers, fixtures::members(R"("http://etcd-0:2379")"));
  EXPECT_EQ(run().encrypted, Tristate::kNo);
  server_.answer(kMembers, fixtures::kNotFound);
  EXPECT_EQ(run().encrypted, Tristate::kUnknown);
}

TEST_F(EtcdSession, AsksWithoutALoginWhereOnlyACertificateIsDeclared) {
  target_.credentials = test_support::credentials("app", "");
  EXPECT_TRUE(run().logged_in);
  ASSERT_EQ(server_.received.size(), 2U);
  EXPECT_EQ(server_.received[0].find("Authorization"), std::string::npos);
}

TEST_F(EtcdSession, ReportsAWrongPassword) {
  server_.answer(kAuthenticate, fixtures::kWrongPassword);
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAuthenticationFailed);
  EXPECT_EQ(seen.failure->stage, probe::Stage::kSession);
  EXPECT_EQ(server_.received.size(), 1U);
}

TEST_F(EtcdSession, SaysThatTheGatewayAdmitsNoCertificateWithACommonName) {
  server_.answer(kAuthenticate, fixtures::kCommonName);
  EXPECT_EQ(run().failure->cause, Cause::kUnsupported);
}

TEST_F(EtcdSession, SendsNothingWhereTheChannelIsTooWeak) {
  too_weak_ = true;
  EXPECT_EQ(run().failure->cause, Cause::kChannelTooWeak);
  EXPECT_TRUE(server_.received.empty());
}

TEST_F(EtcdSession, AllowsPlaintextOnlyWhereTheModeIsDisable) {
  for (const auto mode : resource::kAllModes) {
    target_.mode = mode;
    run();
    EXPECT_EQ(allowed_plaintext_, mode == resource::TlsMode::kDisable);
  }
}

TEST_F(EtcdSession, HidesAPasswordThatTheServerRepeats) {
  target_.credentials = test_support::credentials("app", "s3cret");
  server_.answer(kAuthenticate, test_support::http_answer("400 Bad Request", "what is s3cret?"));
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->peer_text.find("s3cret"), std::string::npos) << seen.failure->peer_text;
}

TEST_F(EtcdSession, TakesAHangUpWithoutTlsForATlsListener) {
  target_.mode = resource::TlsMode::kDisable;
  server_.answers.clear();
  EXPECT_EQ(run().failure->cause, Cause::kTlsRequired);
}

TEST_F(EtcdSession, SurvivesAServerThatLeavesAtAnyPoint) {
  for (std::size_t answers = 0; answers < 3; ++answers) {
    server_.received.clear();
    server_.hangs_up_after = answers;
    const auto seen = run();
    EXPECT_EQ(seen.logged_in, answers == 2);
    EXPECT_EQ(seen.failure.has_value(), answers < 2);
    if (seen.failure) {
      EXPECT_EQ(seen.failure->cause, Cause::kPeerClosed);
    }
  }
}

TEST_F(EtcdSession, SurvivesAnswersOfAnotherKind) {
  server_.answer(kAuthenticate, test_support::http_answer("200 OK", "<html>"));
  EXPECT_EQ(run().failure->cause, Cause::kMalformedMessage);
  server_.answer(kAuthenticate, "+PONG\r\n");
  EXPECT_EQ(run().failure->cause, Cause::kNotThisProtocol);
}

}  // namespace
}  // namespace tlswarden::drivers::etcd

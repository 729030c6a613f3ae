#include "drivers/clickhouse/session.hpp"

#include <gtest/gtest.h>

#include "fixtures.hpp"
#include "tests/support/scripted_session.hpp"

namespace tlswarden::drivers::clickhouse {
namespace {

using probe::Cause;
using probe::Tristate;
using test_support::http_answer;

constexpr const char* kPing = "GET /ping ";
constexpr const char* kQuery = "GET /?query=SELECT%20version()";

class ClickHouseSession : public testing::Test {
 protected:
  ClickHouseSession() {
    target_.mode = resource::TlsMode::kVerifyFull;
    server_.answer(kPing, http_answer("200 OK", "Ok.\n"));
    server_.answer(kQuery, http_answer("200 OK", "24.1.3.31\n", "X-ClickHouse-Summary: {}\r\n"));
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
  bool password_was_sent() const { return server_.all_received().find("s3cret") != std::string::npos; }

  test_support::SessionServer server_;
  probe::Target target_ = fixtures::target(8443, true);
  bool too_weak_ = false;
  std::optional<bool> allowed_plaintext_;
};

TEST_F(ClickHouseSession, LogsInAndReadsTheVersion) {
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.server_version, "24.1.3.31");
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown) << "the server cannot tell";
  EXPECT_EQ(server_.channels, 1U);
  EXPECT_EQ(server_.closed, 1U);
}

TEST_F(ClickHouseSession, OpensAnotherConnectionWhereTheServerClosesEach) {
  server_.answer(kPing, fixtures::kPong);
  EXPECT_EQ(run().server_version, "24.1.3.31");
  EXPECT_EQ(server_.channels, 2U);
  EXPECT_EQ(server_.closed, 2U);
}

TEST_F(ClickHouseSession, GreetsANativePort) {
  target_.port = 9440;
  server_.answer(std::string(1, '\0'), fixtures::kServerHello);
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.server_version, "24.1.3");
  ASSERT_EQ(server_.received.size(), 1U);
  EXPECT_TRUE(
      server_.received[0].ends_with("\x03"
                                    "app\x06"
                                    "s3cret"));
}

TEST_F(ClickHouseSession, FindsOutANativePortBeforeItSendsThePassword) {
  server_.answer(kPing, fixtures::kNativePort);
  server_.answer(std::string(1, '\0'), fixtures::kServerHello);
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.server_version, "24.1.3");
  EXPECT_EQ(server_.channels, 2U);
  EXPECT_EQ(server_.received[0].find("s3cret"), std::string::npos);
}

TEST_F(ClickHouseSession, TellsNoPasswordToAnotherWebServer) {
  server_.answer(kPing, http_answer("404 Not Found", "404 page not found\n"));
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kNotThisProtocol);
  EXPECT_FALSE(password_was_sent());
}

TEST_F(ClickHouseSession, SendsNothingWhereTheChannelIsTooWeak) {
  too_weak_ = true;
  EXPECT_EQ(run().failure->cause, Cause::kChannelTooWeak);
  EXPECT_TRUE(server_.received.empty());
}

TEST_F(ClickHouseSession, AllowsPlaintextOnlyWhereTheModeIsDisable) {
  for (const auto mode : resource::kAllModes) {
    target_.mode = mode;
    run();
    EXPECT_EQ(allowed_plaintext_, mode == resource::TlsMode::kDisable);
  }
}

TEST_F(ClickHouseSession, ReportsAWrongPassword) {
  server_.answer(kQuery, fixtures::kRefused24);
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAuthenticationFailed);
  EXPECT_EQ(seen.failure->code, "516");
  EXPECT_EQ(seen.failure->stage, probe::Stage::kSession);
}

TEST_F(ClickHouseSession, HidesAPasswordThatTheServerRepeats) {
  server_.answer(kQuery, http_answer("500 Oops", "Code: 1. DB::Exception: s3cret is wrong"));
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->peer_text.find("s3cret"), std::string::npos) << seen.failure->peer_text;
}

TEST_F(ClickHouseSession, SaysThatAHeaderCannotCarryThePassword) {
  target_.credentials = test_support::credentials("app", "s3cret\n");
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kUnsupported);
  EXPECT_FALSE(password_was_sent());
}

TEST_F(ClickHouseSession, TakesAHangUpWithoutTlsForATlsListener) {
  target_.mode = resource::TlsMode::kDisable;
  server_.answers.clear();
  for (const bool reset : {false, true}) {
    server_.reset = reset;
    EXPECT_EQ(run().failure->cause, Cause::kTlsRequired);
  }
}

TEST_F(ClickHouseSession, SurvivesAServerThatLeavesAtAnyPoint) {
  for (std::size_t answers = 0; answers < 2; ++answers) {
    server_.received.clear();
    server_.hangs_up_after = answers;
    const auto seen = run();
    EXPECT_FALSE(seen.logged_in);
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->cause, Cause::kPeerClosed);
  }
}

TEST_F(ClickHouseSession, SurvivesANativePortThatAnswersRubbish) {
  target_.port = 9440;
  for (const auto& [answer, cause] :
       {std::pair{std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), Cause::kNotThisProtocol},
        std::pair{fixtures::kServerHello.substr(0, 9), Cause::kPeerClosed},
        std::pair{fixtures::exception(193, "Wrong password"), Cause::kAuthenticationFailed}}) {
    server_.answer(std::string(1, '\0'), answer);
    const auto seen = run();
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->cause, cause);
    EXPECT_FALSE(seen.logged_in);
  }
}

}  // namespace
}  // namespace tlswarden::drivers::clickhouse

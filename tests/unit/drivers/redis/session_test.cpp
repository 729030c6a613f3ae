#include "drivers/redis/session.hpp"

#include <gtest/gtest.h>

#include "drivers/redis/reply.hpp"
#include "tests/support/scripted_session.hpp"

namespace tlswarden::drivers::redis {
namespace {

using probe::Cause;
using probe::Tristate;

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

class RedisSession : public testing::Test {
 protected:
  RedisSession() {
    server_.answers = {{command({"AUTH", "monitor", "s3cret"}), "+OK\r\n"},
                       {command({"AUTH", "s3cret"}), "+OK\r\n"},
                       {command({"INFO", "server"}), bulk("# Server\r\nredis_version:7.0.15\r\n")},
                       {command({"CLIENT", "INFO"}), bulk("id=5 laddr=10.0.0.1:6380 fd=8\n")},
                       {command({"CONFIG", "GET", "tls-port"}), "*2\r\n" + bulk("tls-port") + bulk("6380")},
                       {command({"QUIT"}), "+OK\r\n"}};
    target_.mode = resource::TlsMode::kVerifyFull;
    use("monitor", "s3cret");
  }

  static std::string command(std::initializer_list<std::string_view> words) {
    return std::string(format_command(words).reveal());
  }
  void use(const char* username, const char* password) {
    target_.credentials = test_support::credentials(username, password);
  }
  probe::SessionObservation run() {
    return test_support::log_in(
        server_, target_, run_session, [this](auto& context) { context.too_weak = too_weak_; },
        [this](const auto& context) { allowed_plaintext_ = context.allowed_plaintext; });
  }

  test_support::SessionServer server_;
  probe::Target target_;
  bool too_weak_ = false;
  std::optional<bool> allowed_plaintext_;
};

TEST_F(RedisSession, LogsInAndAsksForVersionAndEncryption) {
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.server_version, "7.0.15");
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  EXPECT_TRUE(server_.all_received().ends_with(command({"QUIT"})));
  EXPECT_EQ(server_.closed, 1U);
}

TEST_F(RedisSession, LogsInWithoutAUserName) {
  use("", "s3cret");
  EXPECT_TRUE(run().logged_in);
  EXPECT_TRUE(server_.all_received().starts_with(command({"AUTH", "s3cret"})));
}

TEST_F(RedisSession, AllowsPlaintextOnlyWhereTheModeIsDisable) {
  using resource::TlsMode;
  for (const auto mode : resource::kAllModes) {
    target_.mode = mode;
    run();
    EXPECT_EQ(allowed_plaintext_, mode == TlsMode::kDisable);
  }
}

TEST_F(RedisSession, SendsNothingWhereTheChannelIsTooWeak) {
  too_weak_ = true;
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  EXPECT_EQ(seen.failure->cause, Cause::kChannelTooWeak);
  EXPECT_EQ(server_.all_received(), "");
}

TEST_F(RedisSession, TakesAHangUpWithoutTlsForATlsListener) {
  target_.mode = resource::TlsMode::kDisable;
  server_.answers.clear();
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kTlsRequired);
}

TEST_F(RedisSession, ReportsAWrongPassword) {
  server_.answer(command({"AUTH", "monitor", "s3cret"}),
                 "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAuthenticationFailed);
  EXPECT_EQ(seen.failure->stage, probe::Stage::kSession);
  EXPECT_EQ(seen.failure->code, "WRONGPASS");
}

TEST_F(RedisSession, HidesAPasswordThatTheServerRepeats) {
  server_.answer(command({"AUTH", "monitor", "s3cret"}),
                 "-ERR unknown command 'AUTH', with args beginning with: 'monitor' 's3cret'\r\n");
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->peer_text.find("s3cret"), std::string::npos) << seen.failure->peer_text;
  EXPECT_EQ(seen.failure->message.find("s3cret"), std::string::npos);
}

TEST_F(RedisSession, LeavesTheQuestionOpenWhereTheAccountMayNotAsk) {
  server_.answer(command({"CONFIG", "GET", "tls-port"}), "-NOPERM this user has no permissions\r\n");
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
  EXPECT_EQ(seen.server_version, "7.0.15");
}

TEST_F(RedisSession, CountsALoginThatMayReadNothingAsALogin) {
  server_.answer(command({"INFO", "server"}), "-NOPERM this user has no permissions to run 'info'\r\n");
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAccessRefused);
}

TEST_F(RedisSession, NoticesThatALoginIsNeededAfterAll) {
  use("", "");
  server_.answer(command({"INFO", "server"}), "-NOAUTH Authentication required.\r\n");
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAuthenticationFailed);
}

TEST_F(RedisSession, SurvivesAServerThatLeavesAtAnyPoint) {
  const auto complete = server_.answers;
  for (const auto& [missing, reply] : complete) {
    server_.answers = complete;
    std::erase_if(server_.answers, [&](const auto& answer) { return answer.first == missing; });
    const auto seen = run();
    EXPECT_TRUE(seen.logged_in || seen.failure) << missing;
    EXPECT_TRUE(!seen.failure || seen.failure->cause == Cause::kPeerClosed);
  }
}

}  // namespace
}  // namespace tlswarden::drivers::redis

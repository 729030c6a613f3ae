#include "drivers/redis/session.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <map>

#include "drivers/redis/reply.hpp"
#include "tests/support/fake_clock.hpp"

namespace tlswarden::drivers::redis {
namespace {

using probe::Cause;
using probe::Tristate;

std::string bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

/// What the server saw and says: replies by command, as it stands on the wire. A command without one ends the
/// stream.
struct Server {
  std::map<std::string, std::string> replies;
  std::string received;
  bool closed = false;
};

class ServerStream final : public net::ByteStream {
 public:
  explicit ServerStream(Server& server) : server_(server) {}

  net::Awaitable<net::IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                                       base::Deadline) override {
    if (pending_.empty()) co_return tl::unexpected(net::IoError{net::IoError::Kind::kPeerClosed, "end"});
    // Small pieces, so that replies arrive in parts.
    const auto count = std::min<std::size_t>({buffer.size(), pending_.size(), 7});
    std::copy_n(pending_.begin(), count, buffer.begin());
    pending_.erase(0, count);
    co_return count;
  }
  net::Awaitable<net::IoResult<void>> write_all(base::ByteView bytes, base::Deadline) override {
    const std::string command(base::as_text(bytes));
    server_.received += command;
    if (const auto reply = server_.replies.find(command); reply != server_.replies.end())
      pending_ += reply->second;
    co_return net::IoResult<void>{};
  }
  net::Awaitable<void> close(base::Deadline) override {
    server_.closed = true;
    co_return;
  }

 private:
  Server& server_;
  std::string pending_;
};

class Context final : public probe::SessionContext {
 public:
  Context(boost::asio::io_context& loop, Server& server, probe::Target target)
      : loop_(loop), server_(server), target_(std::move(target)) {}

  const probe::Target& target() const override { return target_; }
  base::Deadline deadline() const override { return base::Deadline(base::MonoTime::max()); }
  net::OffloadPool& offload() override { return pool_; }
  const base::Clock& clock() const override { return clock_; }
  net::Executor executor() override { return loop_.get_executor(); }
  const net::Address& address() const override { return address_; }
  net::Awaitable<base::Result<probe::SessionChannel, probe::Failure>> open_channel(
      bool allow_plaintext) override {
    allowed_plaintext = allow_plaintext;
    if (too_weak) {
      co_return tl::unexpected(
          probe::Failure{probe::Stage::kSession, Cause::kChannelTooWeak, "withheld", {}, {}});
    }
    co_return probe::SessionChannel{.stream = std::make_unique<ServerStream>(server_),
                                    .address = address_,
                                    .encrypted = !allow_plaintext,
                                    .findings = {}};
  }

  bool too_weak = false;
  std::optional<bool> allowed_plaintext;

 private:
  boost::asio::io_context& loop_;
  Server& server_;
  probe::Target target_;
  net::OffloadPool pool_{1};
  test_support::FakeClock clock_{base::WallTime{}};
  net::Address address_{.ip = "127.0.0.1", .port = 6380};
};

class RedisSession : public testing::Test {
 protected:
  RedisSession() {
    server_.replies = {{command({"AUTH", "monitor", "s3cret"}), "+OK\r\n"},
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
    auto credentials = std::make_shared<probe::Credentials>();
    credentials->username = base::Secret(username);
    credentials->password = base::Secret(password);
    target_.credentials = std::move(credentials);
  }
  probe::SessionObservation run() {
    boost::asio::io_context loop;
    Context context(loop, server_, target_);
    context.too_weak = too_weak_;
    std::optional<probe::SessionObservation> seen;
    boost::asio::co_spawn(
        loop, [&]() -> net::Awaitable<void> { seen = co_await run_session(context); }, boost::asio::detached);
    loop.run();
    allowed_plaintext_ = context.allowed_plaintext;
    return seen.value();
  }

  Server server_;
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
  EXPECT_TRUE(server_.received.ends_with(command({"QUIT"})));
  EXPECT_TRUE(server_.closed);
}

TEST_F(RedisSession, LogsInWithoutAUserName) {
  use("", "s3cret");
  EXPECT_TRUE(run().logged_in);
  EXPECT_TRUE(server_.received.starts_with(command({"AUTH", "s3cret"})));
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
  EXPECT_EQ(server_.received, "");
}

TEST_F(RedisSession, TakesAHangUpWithoutTlsForATlsListener) {
  target_.mode = resource::TlsMode::kDisable;
  server_.replies.clear();
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kTlsRequired);
}

TEST_F(RedisSession, ReportsAWrongPassword) {
  server_.replies[command({"AUTH", "monitor", "s3cret"})] =
      "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAuthenticationFailed);
  EXPECT_EQ(seen.failure->stage, probe::Stage::kSession);
  EXPECT_EQ(seen.failure->code, "WRONGPASS");
}

TEST_F(RedisSession, HidesAPasswordThatTheServerRepeats) {
  server_.replies[command({"AUTH", "monitor", "s3cret"})] =
      "-ERR unknown command 'AUTH', with args beginning with: 'monitor' 's3cret'\r\n";
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->peer_text.find("s3cret"), std::string::npos) << seen.failure->peer_text;
  EXPECT_EQ(seen.failure->message.find("s3cret"), std::string::npos);
}

TEST_F(RedisSession, LeavesTheQuestionOpenWhereTheAccountMayNotAsk) {
  server_.replies[command({"CONFIG", "GET", "tls-port"})] = "-NOPERM this user has no permissions\r\n";
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
  EXPECT_EQ(seen.server_version, "7.0.15");
}

TEST_F(RedisSession, CountsALoginThatMayReadNothingAsALogin) {
  server_.replies[command({"INFO", "server"})] = "-NOPERM this user has no permissions to run 'info'\r\n";
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAccessRefused);
}

TEST_F(RedisSession, NoticesThatALoginIsNeededAfterAll) {
  use("", "");
  server_.replies[command({"INFO", "server"})] = "-NOAUTH Authentication required.\r\n";
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAuthenticationFailed);
}

TEST_F(RedisSession, SurvivesAServerThatLeavesAtAnyPoint) {
  const auto complete = server_.replies;
  for (const auto& [missing, reply] : complete) {
    server_.replies = complete;
    server_.replies.erase(missing);
    const auto seen = run();
    EXPECT_TRUE(seen.logged_in || seen.failure) << missing;
    EXPECT_TRUE(!seen.failure || seen.failure->cause == Cause::kPeerClosed);
  }
}

}  // namespace
}  // namespace tlswarden::drivers::redis

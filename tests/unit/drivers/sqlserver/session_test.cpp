#include "drivers/sqlserver/session.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

#include "drivers/sqlserver/library_login.hpp"
#include "drivers/sqlserver/unicode.hpp"
#include "tests/support/local_stream.hpp"
#include "wire.hpp"

namespace tlswarden::drivers::sqlserver {
namespace {

using namespace std::chrono_literals;
using probe::Cause;
using probe::Tristate;
using resource::TlsMode;

constexpr std::string_view kUser = "checker", kPassword = "correct horse";

/// SQL Server behind a channel, on a thread of the test. Remembers all that it was sent.
class FakeServer {
 public:
  explicit FakeServer(test_support::BlockingPeer peer) : peer_(std::move(peer)) {}

  void send(const base::Bytes& bytes) { peer_.write(bytes); }
  void hang_up() { peer_.close(); }

  struct Message {
    std::uint8_t type = 0;  ///< 0 at the end of the stream
    base::Bytes payload;
  };
  Message read() {
    const auto header = peer_.read_exactly(8);
    if (header.size() < 8) return {};
    auto payload = peer_.read_exactly((std::size_t{header[2]} << 8U | header[3]) - 8);
    received_.insert(received_.end(), payload.begin(), payload.end());
    return {.type = header[0], .payload = std::move(payload)};
  }

  /// Takes the login and answers it as SQL Server does.
  void admit() {
    EXPECT_EQ(read().type, 0x10);
    send(wire::packet(0x04, wire::from_hex("e3 1300 01 04 6d006500 6d007000 04 6d006500 6d007000"  // database
                                           "ad 0e00 01 74000004 02 53005100 1000105f"
                                           "fd 0000 0000 0000000000000000")));
  }
  /// Answers queries until the client leaves: version, then encryption.
  void answer(std::string_view version, std::string_view encryption) {
    for (auto query = read(); query.type == 0x01; query = read()) {
      const std::string sql = from_utf16(query.payload);
      const bool about_version = sql.find("ProductVersion") != std::string::npos;
      const auto cell = about_version ? version : encryption;
      if (sql.find("SELECT") == std::string::npos) {
        send(wire::packet(0x04,
                          wire::from_hex("fd 0000 be00 0000000000000000")));  // SET, as the library likes
      } else if (cell == "denied") {
        send(wire::error_reply(300, "VIEW SERVER STATE permission was denied"));
      } else {
        send(row(cell));
      }
    }
  }

  bool saw(base::ByteView bytes) const {
    return base::as_text(received_).find(base::as_text(bytes)) != std::string_view::npos;
  }
  bool saw_login() const {
    auto scrambled = wire::utf16(kPassword);
    for (auto& byte : scrambled)
      byte = static_cast<std::uint8_t>((byte << 4U | byte >> 4U) ^ 0xa5U);
    return saw(wire::utf16(kUser)) && saw(scrambled);
  }

 private:
  static base::Bytes row(std::string_view cell) {
    auto payload = wire::from_hex("81 0100 00000000 0900 e7 f000 0904d00034 00 d1");
    payload.push_back(static_cast<std::uint8_t>(cell.size() * 2));
    payload.push_back(0);
    const auto text = wire::utf16(cell), done = wire::from_hex("fd 1000 c100 0100000000000000");
    payload.insert(payload.end(), text.begin(), text.end());
    payload.insert(payload.end(), done.begin(), done.end());
    return wire::packet(0x04, payload);
  }

  test_support::BlockingPeer peer_;
  base::Bytes received_;
};

using Script = std::function<void(FakeServer&)>;

/// What the prober would give: one channel with a scripted server behind it.
class FakeContext final : public probe::SessionContext {
 public:
  FakeContext(boost::asio::io_context& loop, TlsMode mode) : loop_(loop) {
    target_.engine = resource::Engine::kSqlserver;
    target_.mode = mode;
    target_.credentials = std::make_shared<const probe::Credentials>(
        probe::Credentials{base::Secret(kUser), base::Secret(kPassword)});
  }
  ~FakeContext() override { wait(); }

  /// `greeting`: what the negotiation has read; empty where nothing was said yet.
  void serve(bool encrypted, base::Bytes greeting, Script script) {
    auto pair = test_support::local_pair(loop_.get_executor());
    channel_.emplace();
    channel_->stream = std::move(pair.ours);
    channel_->encrypted = encrypted;
    channel_->findings.greeting = std::move(greeting);
    server_ = std::make_unique<FakeServer>(std::move(pair.theirs));
    thread_ = std::thread([this, script = std::move(script)] {
      script(*server_);
      server_->hang_up();
    });
  }
  void wait() {
    if (thread_.joinable()) thread_.join();
  }
  const FakeServer& server() {
    wait();
    return *server_;
  }
  void allow(std::chrono::milliseconds span) { deadline_ = base::Deadline::after(clock_, span); }

  const probe::Target& target() const override { return target_; }
  base::Deadline deadline() const override { return deadline_; }
  net::OffloadPool& offload() override { return pool_; }
  const base::Clock& clock() const override { return clock_; }
  net::Executor executor() override { return loop_.get_executor(); }
  const net::Address& address() const override { return address_; }
  net::Awaitable<base::Result<probe::SessionChannel, probe::Failure>> open_channel(
      bool allow_plaintext) override {
    allowed_plaintext = allow_plaintext;
    if (!channel_)
      co_return tl::unexpected(
          probe::Failure{probe::Stage::kSession, Cause::kChannelTooWeak, "withheld", {}, {}});
    co_return std::move(*channel_);
  }

  std::optional<bool> allowed_plaintext;

 private:
  boost::asio::io_context& loop_;
  probe::Target target_;
  base::SystemClock clock_;
  base::Deadline deadline_ = base::Deadline::after(clock_, 20s);
  net::Address address_{"127.0.0.1", 1433};
  net::OffloadPool pool_{1};
  std::optional<probe::SessionChannel> channel_;
  std::unique_ptr<FakeServer> server_;
  std::thread thread_;
};

class SqlServerSession : public testing::Test {
 protected:
  probe::SessionObservation run(FakeContext& context) {
    probe::SessionObservation seen;
    boost::asio::co_spawn(
        loop_, [&]() -> net::Awaitable<void> { seen = co_await log_in(context); },
        [](const std::exception_ptr& error) {
          if (error) std::rethrow_exception(error);
        });
    loop_.run();
    if (seen.failure) {
      EXPECT_EQ(seen.failure->message.find(kPassword), std::string::npos);
      EXPECT_EQ(seen.failure->stage, probe::Stage::kSession);
    }
    return seen;
  }
  static Script admitting(std::string_view encryption) {
    return [encryption](FakeServer& server) {
      server.admit();
      server.answer("16.0.4191.2", encryption);
    };
  }
  boost::asio::io_context loop_;
};

TEST_F(SqlServerSession, LogsInBehindTheNegotiationAndReadsTheServersOwnWord) {
  FakeContext context(loop_, TlsMode::kVerifyFull);
  context.serve(true, wire::prelogin_reply(1), admitting("TRUE"));
  const auto seen = run(context);
  EXPECT_FALSE(seen.failure) << seen.failure->message;
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.server_version, "16.0.4191.2");
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  EXPECT_EQ(context.allowed_plaintext, false);
  EXPECT_TRUE(context.server().saw_login());
}

TEST_F(SqlServerSession, SaysPreloginBehindTlsThatCameFirst) {
  FakeContext context(loop_, TlsMode::kVerifyFull);
  context.serve(true, {}, [](FakeServer& server) {
    EXPECT_EQ(server.read().type, 0x12);
    server.send(wire::prelogin_reply(1));
    server.admit();
    server.answer("16.0.4191.2", "TRUE");
  });
  const auto seen = run(context);
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
}

TEST_F(SqlServerSession, LogsInWithoutTlsWhereTheServerAllowsIt) {
  FakeContext context(loop_, TlsMode::kDisable);
  context.serve(false, {}, [](FakeServer& server) {
    server.read();
    server.send(wire::prelogin_reply(2));
    server.admit();
    server.answer("16.0.4191.2", "FALSE");
  });
  const auto seen = run(context);
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.encrypted, Tristate::kNo);
  EXPECT_EQ(context.allowed_plaintext, true);
}

TEST_F(SqlServerSession, SendsNoLoginWhereTheServerInsistsOnTls) {
  FakeContext context(loop_, TlsMode::kDisable);
  context.serve(false, {}, [](FakeServer& server) {
    server.read();
    server.send(wire::prelogin_reply(3));
    EXPECT_EQ(server.read().type, 0) << "anything more";
  });
  const auto seen = run(context);
  EXPECT_FALSE(seen.logged_in);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kTlsRequired);
  EXPECT_EQ(seen.plaintext_allowed, Tristate::kNo);
  EXPECT_FALSE(context.server().saw(wire::utf16(kUser)));
}

TEST_F(SqlServerSession, AllowsPlaintextOnlyWhereTheModeDoes) {
  for (const auto mode : resource::kAllModes) {
    FakeContext context(loop_, mode);
    EXPECT_EQ(run(context).failure->cause, Cause::kChannelTooWeak);
    EXPECT_EQ(context.allowed_plaintext, mode == TlsMode::kDisable || mode == TlsMode::kPrefer);
    loop_.restart();
  }
}

TEST_F(SqlServerSession, ReportsWhatTheServerMinds) {
  struct Case {
    std::int32_t number;
    Cause cause;
  };
  for (const auto& [number, cause] :
       {Case{18456, Cause::kAuthenticationFailed}, Case{4060, Cause::kDatabaseNotFound},
        Case{33557097, Cause::kServerError}}) {
    FakeContext context(loop_, TlsMode::kRequire);
    context.serve(true, wire::prelogin_reply(1), [number = number](FakeServer& server) {
      server.read();
      server.send(wire::error_reply(number, "No, not with correct horse."));
    });
    const auto seen = run(context);
    EXPECT_FALSE(seen.logged_in);
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->cause, cause) << number;
    EXPECT_EQ(seen.failure->code, std::to_string(number));
    EXPECT_EQ(seen.failure->peer_text, "No, not with [hidden].");
    loop_.restart();
  }
}

TEST_F(SqlServerSession, LeavesTheQuestionOpenWhereTheLoginMayNotAsk) {
  FakeContext context(loop_, TlsMode::kRequire);
  context.serve(true, wire::prelogin_reply(1), admitting("denied"));
  const auto seen = run(context);
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure) << seen.failure->message;
  EXPECT_EQ(seen.server_version, "16.0.4191.2");
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
}

TEST_F(SqlServerSession, DoesNotBelieveADenialOfWhatTheServerForced) {
  FakeContext forced(loop_, TlsMode::kRequire);
  forced.serve(true, wire::prelogin_reply(3), admitting("FALSE"));
  EXPECT_EQ(run(forced).encrypted, Tristate::kUnknown);
  loop_.restart();
  FakeContext agreed(loop_, TlsMode::kRequire);
  agreed.serve(true, wire::prelogin_reply(1), admitting("FALSE"));
  EXPECT_EQ(run(agreed).encrypted, Tristate::kNo) << "a proxy ends TLS before the server";
}

TEST_F(SqlServerSession, SurvivesAServerThatLeavesAtAnyPoint) {
  const std::vector<Script> scripts{[](FakeServer&) {},
                                    [](FakeServer& server) { server.read(); },
                                    [](FakeServer& server) {
                                      server.read();
                                      server.send(wire::from_hex("0401 0100 0000 0000 e3"));
                                    },
                                    [](FakeServer& server) {
                                      server.read();
                                      server.send(base::Bytes(3000, 0xff));
                                    },
                                    [](FakeServer& server) { server.admit(); },
                                    [](FakeServer& server) {
                                      server.admit();
                                      server.read();
                                      server.send(wire::from_hex("0401 0020 0000 0000 81 ffff 00000000"));
                                    }};
  for (const auto& script : scripts) {
    FakeContext context(loop_, TlsMode::kRequire);
    context.serve(true, wire::prelogin_reply(1), script);
    const auto seen = run(context);
    EXPECT_TRUE(seen.logged_in || seen.failure);
    EXPECT_NE(seen.encrypted, Tristate::kYes);
    loop_.restart();
  }
}

TEST_F(SqlServerSession, EndsAtTheDeadline) {
  FakeContext context(loop_, TlsMode::kRequire);
  context.allow(300ms);
  context.serve(true, wire::prelogin_reply(1), [](FakeServer& server) {
    while (server.read().type != 0)
      ;
  });
  const auto seen = run(context);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kTimedOut);
}

/// What would lead FreeTDS elsewhere, or make it write down what it says, is gone from the environment; and
/// what it could betray is not the password.
TEST_F(SqlServerSession, TakesNothingFromTheEnvironment) {
  ::setenv("TDSVER", "5.0", 1);
  ::setenv("TDSHOST", "127.0.0.9", 1);
  ::setenv("TDSPORT", "9", 1);
  forget_library_environment();
  FakeContext context(loop_, TlsMode::kRequire);
  context.serve(true, wire::prelogin_reply(1), admitting("TRUE"));
  EXPECT_TRUE(run(context).logged_in);
}

}  // namespace
}  // namespace tlswarden::drivers::sqlserver

#include "drivers/mongodb/session.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <list>
#include <map>
#include <thread>

#include "fixtures.hpp"
#include "tests/support/local_stream.hpp"
#include "tests/support/run_loop.hpp"

namespace tlswarden::drivers::mongodb {
namespace {

using namespace std::chrono_literals;
using probe::Cause;
using probe::Tristate;

/// A server of one connection, on a thread of the test. Answers by the command's name; hangs up at one that
/// it does not know. Remembers all that it was sent.
struct Server {
  std::map<std::string, std::string> replies;
  std::string received;
  std::vector<std::string> commands;

  void serve(test_support::BlockingPeer peer) {
    for (;;) {
      const auto header = peer.read_exactly(16);
      if (header.size() < 16) return;
      const auto body = peer.read_exactly(header[0] + std::size_t{header[1]} * 256 - 16);
      received += base::as_text(body);
      const bool query = header[12] == 0xd4;
      // Behind flags, collection, skip and limit, or behind flags and kind: length, type, name.
      const std::size_t name_at = (query ? 4 + 11 + 8 : 5) + 5;
      commands.emplace_back(reinterpret_cast<const char*>(body.data()) + name_at);
      const auto reply = replies.find(commands.back());
      if (reply == replies.end()) return;
      const auto request = header[4] + std::uint32_t{header[5]} * 256;
      peer.write(query ? fixtures::op_reply(request, reply->second)
                       : fixtures::op_msg(request, reply->second));
    }
  }
};

class Context final : public probe::SessionContext {
 public:
  Context(boost::asio::io_context& loop, Server& server, probe::Target target)
      : loop_(loop), server_(server), target_(std::move(target)) {}
  ~Context() override {
    if (thread_.joinable()) thread_.join();
  }

  const probe::Target& target() const override { return target_; }
  base::Deadline deadline() const override { return deadline_; }
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
    auto pair = test_support::local_pair(loop_.get_executor());
    thread_ =
        std::thread([this, peer = std::move(pair.theirs)]() mutable { server_.serve(std::move(peer)); });
    co_return probe::SessionChannel{
        .stream = std::move(pair.ours), .address = address_, .encrypted = !allow_plaintext, .findings = {}};
  }

  bool too_weak = false;
  std::optional<bool> allowed_plaintext;

 private:
  boost::asio::io_context& loop_;
  Server& server_;
  probe::Target target_;
  std::thread thread_;
  net::OffloadPool pool_{1};
  base::SystemClock clock_;
  base::Deadline deadline_ = base::Deadline::after(clock_, std::chrono::seconds(20));
  net::Address address_{.ip = "127.0.0.1", .port = 27017};
};

/// A login by certificate, which needs no arithmetic of the server. SCRAM is tested against a real one.
class MongodbSession : public testing::Test {
 protected:
  MongodbSession() {
    server_.replies = {{"isMaster", fixtures::kMongod},
                       {"hello", fixtures::kMongod},
                       {"authenticate", R"({"user": "CN=app", "dbname": "$external", "ok": 1.0})"},
                       {"buildInfo", fixtures::kBuildInfo},
                       {"getParameter", R"({"tlsMode": "requireTLS", "ok": 1.0})"},
                       {"getCmdLineOpts", fixtures::kUnauthorized},
                       {"endSessions", R"({"ok": 1.0})"}};
    target_.mode = resource::TlsMode::kVerifyFull;
    target_.material.client.emplace();
    use("CN=app", "");
  }

  void use(const char* username, const char* password) {
    auto credentials = std::make_shared<probe::Credentials>();
    credentials->username = base::Secret(username);
    credentials->password = base::Secret(password);
    target_.credentials = std::move(credentials);
  }
  probe::SessionObservation run() {
    boost::asio::io_context loop(1);
    Context context(loop, server_, target_);
    context.too_weak = too_weak_;
    auto seen = test_support::run_loop(loop, run_session(context));
    allowed_plaintext_ = context.allowed_plaintext;
    return seen;
  }
  bool was_asked(const std::string& command) const {
    return std::count(server_.commands.begin(), server_.commands.end(), command) > 0;
  }

  Server server_;
  probe::Target target_;
  bool too_weak_ = false;
  std::optional<bool> allowed_plaintext_;
};

TEST_F(MongodbSession, LogsInByCertificateAndAsksForVersionAndSetting) {
  const auto seen = run();
  ASSERT_FALSE(seen.failure) << seen.failure->message << seen.failure->peer_text;
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.server_version, "7.0.14");
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  EXPECT_EQ(seen.plaintext_allowed, Tristate::kNo);
  EXPECT_TRUE(was_asked("authenticate"));
  EXPECT_NE(server_.received.find("MONGODB-X509"), std::string::npos);
}

TEST_F(MongodbSession, AllowsPlaintextOnlyWhereTheModeIsDisable) {
  using resource::TlsMode;
  for (const auto mode : resource::kAllModes) {
    target_.mode = mode;
    run();
    EXPECT_EQ(allowed_plaintext_, mode == TlsMode::kDisable);
  }
}

TEST_F(MongodbSession, SendsNothingWhereTheChannelIsTooWeak) {
  too_weak_ = true;
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  EXPECT_EQ(seen.failure->cause, Cause::kChannelTooWeak);
  EXPECT_EQ(server_.received, "");
}

TEST_F(MongodbSession, LooksAtTheOptionsWhereThereIsNoSuchParameter) {
  server_.replies["getParameter"] = R"({"ok": 0.0, "errmsg": "no option found to get", "code": 72})";
  server_.replies["getCmdLineOpts"] = R"({"parsed": {"net": {"tls": {"mode": "allowTLS"}}}, "ok": 1.0})";
  const auto seen = run();
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
  EXPECT_EQ(seen.plaintext_allowed, Tristate::kYes);
}

TEST_F(MongodbSession, CountsALoginThatMayReadNothingAsALogin) {
  for (const auto* command : {"buildInfo", "getParameter", "getCmdLineOpts"})
    server_.replies[command] = fixtures::kUnauthorized;
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.server_version, "");
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
}

TEST_F(MongodbSession, ReportsARefusedLogin) {
  server_.replies["authenticate"] = fixtures::kWrongPassword;
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAuthenticationFailed);
  EXPECT_EQ(seen.failure->stage, probe::Stage::kSession);
  EXPECT_EQ(seen.failure->code, "AuthenticationFailed");
  EXPECT_FALSE(was_asked("buildInfo"));
}

TEST_F(MongodbSession, TakesAnUnknownErrorOfTheLoginForARefusal) {
  server_.replies["authenticate"] = R"({"ok": 0.0, "errmsg": "no", "code": 4242})";
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAuthenticationFailed);
  EXPECT_EQ(seen.failure->code, "code 4242");
}

TEST_F(MongodbSession, NeverSendsThePasswordItself) {
  use("app", "s3cret");
  target_.database = "accounts";
  server_.replies["saslStart"] = R"({"ok": 0.0, "errmsg": "s3cret is wrong", "code": 18})";
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kAuthenticationFailed);
  EXPECT_TRUE(was_asked("saslStart"));
  EXPECT_NE(server_.received.find("accounts"), std::string::npos);
  EXPECT_EQ(server_.received.find("s3cret"), std::string::npos);
  EXPECT_EQ(seen.failure->peer_text.find("s3cret"), std::string::npos) << seen.failure->peer_text;
}

TEST_F(MongodbSession, AsksForAUserName) {
  use("", "s3cret");
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kUnsupported);
  EXPECT_EQ(server_.received, "");
}

TEST_F(MongodbSession, RefusesCredentialsThatTheLibraryWouldCutShort) {
  auto credentials = std::make_shared<probe::Credentials>();
  credentials->username = base::Secret("app");
  credentials->password = base::Secret(std::string_view("a\0b", 3));
  target_.credentials = std::move(credentials);
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kUnsupported);
  EXPECT_EQ(server_.received, "");
}

TEST_F(MongodbSession, TakesAHangUpWithoutTlsForAServerThatWantsIt) {
  target_.mode = resource::TlsMode::kDisable;
  server_.replies.clear();
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kTlsRequired);
  target_.mode = resource::TlsMode::kRequire;
  EXPECT_EQ(run().failure->cause, Cause::kPeerClosed);
}

TEST_F(MongodbSession, SurvivesAServerThatLeavesAtAnyPoint) {
  const auto complete = server_.replies;
  for (const auto& [missing, reply] : complete) {
    server_.replies = complete;
    server_.replies.erase(missing);
    const auto seen = run();
    EXPECT_TRUE(seen.logged_in || seen.failure) << missing;
  }
}

TEST_F(MongodbSession, SurvivesRubbishAtAnyPoint) {
  const auto complete = server_.replies;
  for (const auto& [name, reply] : complete) {
    server_.replies = complete;
    server_.replies[name] =
        R"({"": {"a": [1, {"b": null}]}, "ok": "perhaps", "tlsMode": 5, "version": true})";
    const auto seen = run();
    EXPECT_TRUE(seen.logged_in || seen.failure) << name;
  }
}

}  // namespace
}  // namespace tlswarden::drivers::mongodb

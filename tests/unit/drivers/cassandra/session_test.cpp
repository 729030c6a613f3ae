#include "drivers/cassandra/session.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "fixtures.hpp"
#include "tests/support/scripted_session.hpp"

namespace tlswarden::drivers::cassandra {
namespace {

using probe::Cause;
using probe::Tristate;

/// What the node answers to a request that contains `part`, once; in this order. Anything else ends the
/// stream.
struct Step {
  std::string part;
  base::Bytes answer;
};

struct Node {
  std::vector<Step> steps;
  std::size_t next = 0;
  std::vector<std::string> received;
  bool closed = false;
};

class NodeStream final : public net::ByteStream {
 public:
  explicit NodeStream(Node& node) : node_(node) {}

  net::Awaitable<net::IoResult<std::size_t>> read_some(std::span<std::uint8_t> buffer,
                                                       base::Deadline) override {
    if (pending_.empty()) co_return tl::unexpected(net::IoError{net::IoError::Kind::kPeerClosed, "end"});
    // Small pieces, so that answers arrive in parts.
    const auto count = std::min<std::size_t>({buffer.size(), pending_.size(), 7});
    std::copy_n(pending_.begin(), count, buffer.begin());
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    co_return count;
  }
  net::Awaitable<net::IoResult<void>> write_all(base::ByteView bytes, base::Deadline) override {
    node_.received.emplace_back(base::as_text(bytes));
    if (node_.next < node_.steps.size()) {
      const auto& step = node_.steps[node_.next++];
      if (node_.received.back().find(step.part) != std::string::npos) pending_ = step.answer;
    }
    co_return net::IoResult<void>{};
  }
  net::Awaitable<void> close(base::Deadline) override {
    node_.closed = true;
    co_return;
  }

 private:
  Node& node_;
  base::Bytes pending_;
};

base::Bytes result(const std::vector<fixtures::Column>& columns,
                   const std::vector<fixtures::Values>& values) {
  return fixtures::frame(Opcode::kResult, fixtures::rows(columns, values));
}

base::Bytes clients(std::optional<std::string> enabled) {
  using fixtures::Type;
  return result({{"ssl_enabled", Type::kBoolean},
                 {"ssl_protocol", Type::kVarchar},
                 {"ssl_cipher_suite", Type::kVarchar}},
                {{std::move(enabled), "TLSv1.3", "TLS_AES_256_GCM_SHA384"}});
}

const std::string kPlain("\0monitor\0s3cret", 15);
const std::string kYes(1, '\1');

class CassandraSession : public testing::Test {
 protected:
  CassandraSession() {
    node_.steps = {
        {fixtures::kOptions, fixtures::supported()},
        {"tlswarden", authenticate("org.apache.cassandra.auth.PasswordAuthenticator")},
        {kPlain, fixtures::frame(Opcode::kAuthSuccess, fixtures::value(std::nullopt))},
        {"FROM system.local", result({{"release_version", fixtures::Type::kVarchar}}, {{"5.0.5"}})},
        {"FROM system_views.clients", clients(kYes)},
    };
    target_.mode = resource::TlsMode::kVerifyFull;
    target_.credentials = test_support::credentials("monitor", "s3cret");
  }

  static base::Bytes authenticate(const std::string& by) {
    return fixtures::frame(Opcode::kAuthenticate, fixtures::text(by));
  }
  static base::Bytes challenge() {
    return fixtures::frame(Opcode::kAuthChallenge, fixtures::value("PLAIN-START"));
  }
  Step& step(std::size_t index) { return node_.steps[index]; }
  void insert_step(std::ptrdiff_t index, Step step) {
    node_.steps.insert(node_.steps.begin() + index, std::move(step));
  }
  bool heard(const std::string& part) const {
    return std::any_of(node_.received.begin(), node_.received.end(),
                       [&](const auto& each) { return each.find(part) != std::string::npos; });
  }
  probe::SessionObservation run() {
    return test_support::log_in(
        [this] { return std::make_unique<NodeStream>(node_); }, target_, run_session,
        [this](auto& context) { context.too_weak = too_weak_; },
        [this](const auto& context) { allowed_plaintext_ = context.allowed_plaintext; });
  }

  Node node_;
  probe::Target target_;
  bool too_weak_ = false;
  std::optional<bool> allowed_plaintext_;
};

TEST_F(CassandraSession, LogsInAndAsksForVersionAndEncryption) {
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.server_version, "5.0.5");
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  EXPECT_EQ(seen.protocol, "TLSv1.3");
  EXPECT_TRUE(node_.closed);
  EXPECT_EQ(node_.received.size(), 5U);
}

TEST_F(CassandraSession, FindsItsOwnSessionByTheMarkThatItGaveItself) {
  run();
  const auto& startup = node_.received[1];
  const auto at = startup.find("check-");
  ASSERT_NE(at, std::string::npos);
  EXPECT_NE(node_.received[4].find("driver_version = '" + startup.substr(at, 22) + "'"), std::string::npos);
}

TEST_F(CassandraSession, AsksAScyllaOtherTables) {
  step(0).answer = fixtures::scylla_supported();
  step(3) = {"FROM system.versions", result({{"version", fixtures::Type::kVarchar}}, {{"6.2.1"}})};
  step(4) = {"FROM system.clients", clients(std::nullopt)};
  const auto seen = run();
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.server_version, "6.2.1");
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
}

TEST_F(CassandraSession, AnswersTheTwoQuestionsOfDse) {
  step(1).answer = authenticate("com.datastax.bdp.cassandra.auth.DseAuthenticator");
  insert_step(2, {std::string("\0\0\0\5PLAIN", 9), challenge()});
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure);
}

TEST_F(CassandraSession, NeedsNoPasswordWhereTheNodeAsksForNone) {
  step(1).answer = fixtures::frame(Opcode::kReady, "");
  node_.steps.erase(node_.steps.begin() + 2);
  EXPECT_TRUE(run().logged_in);
  EXPECT_FALSE(heard("s3cret"));
}

TEST_F(CassandraSession, SaysThatAnotherLoginIsWanted) {
  step(2).answer = challenge();
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  EXPECT_EQ(seen.failure->cause, Cause::kUnsupported);
}

TEST_F(CassandraSession, AllowsPlaintextOnlyWhereTheModeIsDisable) {
  using resource::TlsMode;
  for (const auto mode : resource::kAllModes) {
    target_.mode = mode;
    run();
    EXPECT_EQ(allowed_plaintext_, mode == TlsMode::kDisable);
  }
}

TEST_F(CassandraSession, SendsNothingWhereTheChannelIsTooWeak) {
  too_weak_ = true;
  const auto seen = run();
  EXPECT_FALSE(seen.logged_in);
  EXPECT_EQ(seen.failure->cause, Cause::kChannelTooWeak);
  EXPECT_TRUE(node_.received.empty());
}

TEST_F(CassandraSession, TakesAHangUpWithoutTlsForATlsListener) {
  node_.steps.clear();
  target_.mode = resource::TlsMode::kDisable;
  EXPECT_EQ(run().failure->cause, Cause::kTlsRequired);
  node_.steps = {{fixtures::kOptions, base::Bytes{0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x46}}};
  node_.next = 0;
  EXPECT_EQ(run().failure->cause, Cause::kTlsRequired);
  EXPECT_FALSE(heard("s3cret"));
}

TEST_F(CassandraSession, TakesNothingElseForATlsListener) {
  target_.mode = resource::TlsMode::kDisable;
  const auto complete = node_.steps;
  node_.steps = {{fixtures::kOptions, base::to_bytes("HTTP/1.1 400 Bad Request")}};
  EXPECT_EQ(run().failure->cause, Cause::kNotThisProtocol);
  node_ = {};
  node_.steps = {complete.front()};
  EXPECT_EQ(run().failure->cause, Cause::kPeerClosed) << "it answered OPTIONS without TLS";
  node_ = {};
  target_.mode = resource::TlsMode::kRequire;
  EXPECT_EQ(run().failure->cause, Cause::kPeerClosed);
}

TEST_F(CassandraSession, ReportsWhatTheNodeSaysToTheLogin) {
  for (const auto& [code, cause] : {std::pair{0x0100U, Cause::kAuthenticationFailed},
                                    {0x1001U, Cause::kServerBusy},
                                    {0x1002U, Cause::kServerStarting},
                                    {0x2100U, Cause::kAccessRefused},
                                    {0x0000U, Cause::kServerError}}) {
    node_.next = 0;
    step(2).answer = fixtures::error(code, "no login for s3cret");
    const auto seen = run();
    EXPECT_FALSE(seen.logged_in);
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->cause, cause);
    EXPECT_EQ(seen.failure->stage, probe::Stage::kSession);
    EXPECT_EQ(seen.failure->peer_text, "no login for [hidden]");
  }
  step(2).answer = fixtures::error(0x0100, "");
  node_.next = 0;
  EXPECT_EQ(run().failure->code, "0x0100");
}

TEST_F(CassandraSession, LeavesTheQuestionOpenWhereTheRoleMayNotAsk) {
  step(4).answer =
      fixtures::error(0x2100, "User monitor has no SELECT permission on <table system_views.clients>");
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
  EXPECT_EQ(seen.server_version, "5.0.5");
}

TEST_F(CassandraSession, LeavesTheQuestionOpenWhereANodeHasNoSuchTable) {
  step(4).answer = fixtures::error(0x2200, "keyspace system_views does not exist");
  const auto seen = run();
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
}

TEST_F(CassandraSession, CountsALoginThatMayNotReadTheVersionAsALogin) {
  step(3).answer = fixtures::error(0x2100, "no SELECT permission");
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.server_version, "");
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
}

TEST_F(CassandraSession, EntersTheDeclaredKeyspace) {
  target_.database = "orders";
  node_.steps.push_back({"USE \"orders\"", fixtures::frame(Opcode::kResult, fixtures::number(3, 4) +
                                                                                fixtures::text("orders"))});
  EXPECT_FALSE(run().failure);
  node_.next = 0;
  node_.steps.back().answer = fixtures::error(0x2200, "Keyspace 'orders' does not exist");
  const auto seen = run();
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.failure->cause, Cause::kDatabaseNotFound);
  EXPECT_EQ(seen.server_version, "5.0.5");
}

TEST_F(CassandraSession, SurvivesANodeThatLeavesOrTalksNonsenseAtAnyPoint) {
  const auto complete = node_.steps;
  for (std::size_t i = 0; i < complete.size(); ++i) {
    for (const auto& nonsense :
         {base::Bytes{}, fixtures::frame(Opcode::kEvent, "x"), base::to_bytes("HTTP/1.1"),
          fixtures::frame(Opcode::kResult, std::string(30, '\xff')),
          fixtures::frame(Opcode::kSupported, std::string(30, '\xff'))}) {
      node_.steps = complete;
      node_.next = 0;
      step(i).answer = nonsense;
      const auto seen = run();
      EXPECT_EQ(seen.logged_in, i > 2) << i;
      EXPECT_TRUE(seen.failure || i == 4) << i;
      EXPECT_EQ(seen.encrypted, Tristate::kUnknown) << i;
    }
  }
}

}  // namespace
}  // namespace tlswarden::drivers::cassandra

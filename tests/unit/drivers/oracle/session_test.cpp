#include "drivers/oracle/session.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "fake_database.hpp"
#include "tests/support/fake_clock.hpp"

namespace tlswarden::drivers::oracle {
namespace {

using namespace fixtures;
using probe::Cause;
using probe::Tristate;

class Context final : public probe::SessionContext {
 public:
  Context(boost::asio::io_context& loop, FakeDatabase& database, const probe::Target& target)
      : loop_(loop), database_(database), target_(target) {}

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
    co_return probe::SessionChannel{.stream = std::make_unique<DatabaseStream>(database_),
                                    .address = address_,
                                    .encrypted = !allow_plaintext,
                                    .findings = {}};
  }

  net::Awaitable<base::Result<probe::SessionChannel, probe::Failure>> renew_channel(
      probe::SessionChannel channel) override {
    ++renewed;
    if (second_too_weak) {
      co_return tl::unexpected(
          probe::Failure{probe::Stage::kSession, Cause::kChannelTooWeak, "withheld", {}, {}});
    }
    if (!resends_for_ever) database_.to_connect = accept();
    channel.stream = std::make_unique<DatabaseStream>(database_);
    co_return channel;
  }

  bool too_weak = false, second_too_weak = false, resends_for_ever = false;
  int renewed = 0;
  std::optional<bool> allowed_plaintext;

 private:
  boost::asio::io_context& loop_;
  FakeDatabase& database_;
  const probe::Target& target_;
  net::OffloadPool pool_{1};
  test_support::FakeClock clock_{base::WallTime{}};
  net::Address address_{.ip = "127.0.0.1", .port = 2484};
};

class OracleSession : public testing::Test {
 protected:
  OracleSession() {
    target_.mode = resource::TlsMode::kVerifyFull;
    target_.database = "orders.example.com";
    use("monitor", "s3cret-tiger");
  }

  void use(const char* username, const char* password) {
    auto credentials = std::make_shared<probe::Credentials>();
    credentials->username = base::Secret(username);
    credentials->password = base::Secret(password);
    target_.credentials = std::move(credentials);
  }

  probe::SessionObservation run(bool too_weak = false) {
    boost::asio::io_context loop;
    Context context(loop, database_, target_);
    context.too_weak = too_weak;
    context.second_too_weak = second_too_weak_;
    context.resends_for_ever = resends_for_ever_;
    probe::SessionObservation seen;
    boost::asio::co_spawn(
        loop, [&]() -> net::Awaitable<void> { seen = co_await run_session(context); },
        [&](const std::exception_ptr&) { loop.stop(); });
    const auto work = boost::asio::make_work_guard(loop);
    loop.run();
    allowed_plaintext_ = context.allowed_plaintext;
    renewed_ = context.renewed;
    EXPECT_EQ(database_.received.find("s3cret-tiger"), std::string::npos) << "the password left in the clear";
    return seen;
  }

  void expect_failure(Cause cause, const std::string& code = {}) {
    const auto seen = run();
    EXPECT_FALSE(seen.logged_in);
    EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
    EXPECT_EQ(seen.server_version, "");
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->cause, cause) << seen.failure->message;
    EXPECT_EQ(seen.failure->stage, probe::Stage::kSession);
    EXPECT_EQ(seen.failure->code, code);
    EXPECT_FALSE(seen.failure->message.empty());
  }

  FakeDatabase database_;
  probe::Target target_;
  bool second_too_weak_ = false, resends_for_ever_ = false;
  std::optional<bool> allowed_plaintext_;
  int renewed_ = 0;
};

TEST_F(OracleSession, LogsInAndReportsWhatTheDatabaseSays) {
  const auto seen = run();
  EXPECT_FALSE(seen.failure) << seen.failure->message;
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.server_version, "19.22.0.0.0");
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  EXPECT_EQ(allowed_plaintext_, false);
  EXPECT_NE(database_.received.find("SERVICE_NAME=orders.example.com"), std::string::npos);
}

TEST_F(OracleSession, ReadsAnswersThatComeInManyPackets) {
  for (const std::size_t size : {1, 2, 50}) {
    database_ = {};
    database_.in_one_packet = size;
    database_.interrupts = size == 2;
    const auto seen = run();
    EXPECT_FALSE(seen.failure) << seen.failure->message;
    EXPECT_EQ(seen.server_version, "19.22.0.0.0");
    EXPECT_EQ(seen.encrypted, Tristate::kYes);
  }
}

TEST_F(OracleSession, EndsAsTheDatabaseExpects) {
  run();
  EXPECT_TRUE(database_.logged_off);
  EXPECT_TRUE(database_.said_goodbye);
  EXPECT_TRUE(database_.closed);
}

TEST_F(OracleSession, SaysNothingOnAChannelThatIsTooWeak) {
  const auto seen = run(true);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kChannelTooWeak);
  EXPECT_EQ(database_.received, "");
}

TEST_F(OracleSession, TakesPlaintextOnlyWhereItIsDeclared) {
  for (const auto mode :
       {resource::TlsMode::kPrefer, resource::TlsMode::kRequire, resource::TlsMode::kVerifyCa}) {
    target_.mode = mode;
    run();
    EXPECT_EQ(allowed_plaintext_, false);
  }
  target_.mode = resource::TlsMode::kDisable;
  database_.to_query = description() + row("tcp") + error(1403, "ORA-01403: no data found\n");
  const auto seen = run();
  EXPECT_EQ(allowed_plaintext_, true);
  EXPECT_EQ(seen.encrypted, Tristate::kNo);
}

TEST_F(OracleSession, TakesAHangUpInPlaintextForADemandForTls) {
  target_.mode = resource::TlsMode::kDisable;
  database_.to_connect.clear();
  expect_failure(Cause::kTlsRequired);
}

TEST_F(OracleSession, ReportsAWrongPassword) {
  database_.password = "another";
  for (const bool breaks_off : {true, false}) {
    database_.breaks_off = breaks_off;
    expect_failure(Cause::kAuthenticationFailed, "ORA-01017");
  }
}

TEST_F(OracleSession, TellsTheDatabasesErrorsApart) {
  struct Case {
    std::uint32_t error;
    Cause cause;
    const char* code;
  };
  for (const auto& [error, cause, code] :
       {Case{28000, Cause::kAuthenticationFailed, "ORA-28000"},
        Case{1045, Cause::kAccessRefused, "ORA-01045"}, Case{1033, Cause::kServerStarting, "ORA-01033"},
        Case{18, Cause::kServerBusy, "ORA-00018"}, Case{28040, Cause::kUnsupported, "ORA-28040"},
        Case{600, Cause::kServerError, "ORA-00600"}}) {
    database_.refusal = error;
    expect_failure(cause, code);
  }
}

TEST_F(OracleSession, HidesAPasswordThatTheServerRepeats) {
  database_.refusal = 600;
  database_.refusal_words = "ORA-00600: [s3cret-tiger]\n";
  const auto seen = run();
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->peer_text, "ORA-00600: [[hidden]]\n");
}

TEST_F(OracleSession, BelievesNoServerThatDoesNotKnowThePassword) {
  database_.knows_password = false;
  expect_failure(Cause::kAuthenticationFailed);
}

TEST_F(OracleSession, LeavesTheQuestionOpenWhereTheDatabaseDoesNotAnswerIt) {
  for (const auto& answer : {error(942, "ORA-00942: table or view does not exist\n"),
                             description() + row("beq") + error(1403, "ORA-01403\n"),
                             description() + error(1403, "ORA-01403\n"), base::Bytes{99}}) {
    database_.to_query = answer;
    const auto seen = run();
    EXPECT_TRUE(seen.logged_in);
    EXPECT_FALSE(seen.failure);
    EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
  }
}

TEST_F(OracleSession, GivesNoVersionThatIsNone) {
  for (const char* number : {"", "0", "x", "99999999999"}) {
    database_.version_number = number;
    const auto seen = run();
    EXPECT_TRUE(seen.logged_in);
    EXPECT_EQ(seen.server_version, "") << number;
  }
}

TEST_F(OracleSession, SaysWhyThereIsNoSession) {
  database_.to_connect = refusal("0", "12514");
  expect_failure(Cause::kDatabaseNotFound, "12514");
  database_.to_connect = redirect();
  expect_failure(Cause::kUnsupported);
  database_.to_connect = accept(314);
  expect_failure(Cause::kUnsupported);
  database_.to_connect = base::to_bytes("HTTP/1.1 400 Bad Request\r\n");
  expect_failure(Cause::kNotThisProtocol);
}

TEST_F(OracleSession, FollowsAListenerThatHandsTheConnectionOn) {
  database_.to_connect = kResendAfterHandshake;
  const auto seen = run();
  EXPECT_EQ(renewed_, 1);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.server_version, "19.22.0.0.0");
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  EXPECT_TRUE(database_.closed);
}

TEST_F(OracleSession, SaysNothingToADatabaseWhoseOwnTlsIsTooWeak) {
  database_.to_connect = kResendAfterHandshake;
  second_too_weak_ = true;
  expect_failure(Cause::kChannelTooWeak);
  EXPECT_EQ(database_.packets, 1);
  EXPECT_EQ(database_.received.find("monitor"), std::string::npos);
}

TEST_F(OracleSession, IsNotHandedOnForEver) {
  database_.to_connect = kResendAfterHandshake;
  resends_for_ever_ = true;
  expect_failure(Cause::kMalformedMessage);
  EXPECT_EQ(renewed_, 3);
}

TEST_F(OracleSession, NeedsAServiceAUserAndAPassword) {
  for (const char* service : {"", "a service", "x)(COMMAND=stop"}) {
    target_.database = service;
    expect_failure(Cause::kDatabaseNotFound);
  }
  target_.database = "orders";
  use("", "s3cret-tiger");
  expect_failure(Cause::kUnsupported);
  use("monitor", "");
  expect_failure(Cause::kUnsupported);
  EXPECT_EQ(database_.received, "");
}

TEST_F(OracleSession, SurvivesAServerThatLeavesAtAnyPoint) {
  run();
  const int all = database_.packets;
  ASSERT_GE(all, 7);
  for (int packets = 0; packets < all; ++packets) {
    database_ = {};
    database_.leaves_after = packets;
    const auto seen = run();
    EXPECT_TRUE(seen.logged_in || seen.failure) << packets;
    EXPECT_TRUE(!seen.failure || seen.failure->cause == Cause::kPeerClosed) << packets;
    EXPECT_TRUE(database_.closed);
  }
}

}  // namespace
}  // namespace tlswarden::drivers::oracle

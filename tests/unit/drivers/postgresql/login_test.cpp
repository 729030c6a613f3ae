#include "drivers/postgresql/login.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "fixtures.hpp"
#include "tests/support/mint.hpp"
#include "tests/support/tls_server.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using namespace std::chrono_literals;
using probe::Cause;
using probe::Tristate;
using resource::TlsMode;
using test_support::ScriptedServer;
using test_support::ServerConnection;

std::string text(const base::Bytes& bytes) {
  return std::string(base::as_text(bytes));
}

std::string int16(int value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}
std::string int32(int value) {
  return int16(value >> 16) + int16(value & 0xffff);
}

/// A result of one row.
std::string one_row(const std::vector<std::string>& values) {
  std::string description = int16(static_cast<int>(values.size()));
  std::string row = description;
  for (const auto& value : values) {
    description += std::string("c\0", 2) + int32(0) + int16(0) + int32(25) + int16(-1) + int32(-1) + int16(0);
    row += int32(static_cast<int>(value.size())) + value;
  }
  return text(fixtures::message('T', description)) + text(fixtures::message('D', row)) +
         text(fixtures::message('C', std::string("SELECT 1\0", 9))) + text(fixtures::ready());
}

/// What the login wrote, by the server's account. Written by the server's thread, read when it is gone.
struct Account {
  std::atomic<bool> started{false}, terminated{false};
  std::string password;
  std::vector<std::string> queries;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// From the StartupMessage on: asks for a password in clear, tells `parameters`, and answers each query with
/// the next of `results`.
void serve_session(ServerConnection& peer, Account& account, const Parameters& parameters,
                   const std::vector<std::string>& results) {
  if (peer.receive_some().empty()) return;
  account.started = true;
  peer.send(text(fixtures::authentication(3)));
  account.password = peer.receive_some();
  std::string welcome = text(fixtures::authentication(0));
  for (const auto& [name, value] : parameters)
    welcome += text(fixtures::parameter(name, value));
  peer.send(welcome + text(fixtures::ready()));
  for (const auto& result : results) {
    account.queries.push_back(peer.receive_some());
    peer.send(result);
  }
  account.terminated = peer.receive_some() == text(fixtures::terminate());
}
void serve_session(ServerConnection& peer, Account& account, const std::string& result) {
  serve_session(peer, account, {{"server_version", "15.20 (Debian)"}}, {result});
}

std::string refusal(std::string_view sqlstate, std::string_view words) {
  return text(fixtures::error(sqlstate, words)) + text(fixtures::ready());
}

class PostgresqlLogin : public testing::Test {
 protected:
  test_support::ServerTls tls() const {
    test_support::ServerTls tls;
    tls.chain = {pki_.leaf, pki_.intermediate};
    return tls;
  }

  probe::Target target(TlsMode mode) const {
    auto target = fixtures::target_with_user();
    target.mode = mode;
    target.verified_name = "localhost";
    target.material.trust = test_support::store_of({&pki_.root});
    target.material.ca_declared = mode >= TlsMode::kVerifyCa;
    return target;
  }

  probe::SessionObservation log_in_to(const ScriptedServer& server, const probe::Target& target,
                                      std::chrono::milliseconds patience = 30s) const {
    const auto settings = ConnectionSettings::native(target, {.ip = "127.0.0.1", .port = server.port()});
    EXPECT_TRUE(settings) << settings.error().message;
    return log_in(*settings, target.engine, {.user = "monitor", .database = "orders", .declared = true},
                  base::Deadline::after(clock_, patience), clock_);
  }

  /// A login over TLS at a server of `engine` that tells `parameters` and answers the queries with `results`.
  probe::SessionObservation log_in_at(resource::Engine engine, Account& account, const Parameters& parameters,
                                      const std::vector<std::string>& results) const {
    auto declared = target(TlsMode::kVerifyFull);
    declared.engine = engine;
    ScriptedServer server(
        [&](ServerConnection& peer) {
          peer.receive(8);
          peer.send("S");
          if (peer.start_tls()) serve_session(peer, account, parameters, results);
        },
        tls());
    return log_in_to(server, declared);
  }

  base::SystemClock clock_;
  test_support::DemoPki pki_ = test_support::demo_pki(clock_.now());
};

TEST_F(PostgresqlLogin, ReadsTheServersOwnWordOnTheSession) {
  Account account;
  probe::SessionObservation seen;
  {
    ScriptedServer server(
        [&](ServerConnection& peer) {
          peer.receive(8);
          peer.send("S");
          if (peer.start_tls())
            serve_session(peer, account, one_row({"t", "TLSv1.3", "TLS_AES_256_GCM_SHA384"}));
        },
        tls());
    seen = log_in_to(server, target(TlsMode::kVerifyFull));
  }
  EXPECT_FALSE(seen.failure) << seen.failure->message;
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  EXPECT_EQ(seen.protocol, "TLSv1.3");
  EXPECT_EQ(seen.cipher, "TLS_AES_256_GCM_SHA384");
  EXPECT_EQ(seen.server_version, "15.20 (Debian)");
  EXPECT_EQ(account.password, text(fixtures::message('p', std::string("h0rse'ba\\ttery\0", 15))));
  EXPECT_TRUE(account.terminated) << "left without Terminate";
}

TEST_F(PostgresqlLogin, SaysNothingToAServerThatDoesNotVerify) {
  const auto stranger = test_support::demo_pki(clock_.now());
  auto wrong_ca = target(TlsMode::kVerifyFull);
  wrong_ca.material.trust = test_support::store_of({&stranger.root});
  auto wrong_name = target(TlsMode::kVerifyFull);
  wrong_name.verified_name = "other.example";
  auto required_with_ca = target(TlsMode::kRequire);
  required_with_ca.material = wrong_ca.material;
  for (const auto& demanding : {wrong_ca, wrong_name, required_with_ca}) {
    Account account;
    probe::SessionObservation seen;
    {
      ScriptedServer server(
          [&](ServerConnection& peer) {
            peer.receive(8);
            peer.send("S");
            if (peer.start_tls()) serve_session(peer, account, one_row({"t", "TLSv1.3", "x"}));
          },
          tls());
      seen = log_in_to(server, demanding);
    }
    EXPECT_FALSE(account.started) << "the StartupMessage went out";
    EXPECT_FALSE(seen.logged_in);
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->cause, Cause::kChannelTooWeak) << seen.failure->message;
  }
}

TEST_F(PostgresqlLogin, SaysNothingInPlaintextWhereTlsIsDeclared) {
  for (const auto mode : {TlsMode::kRequire, TlsMode::kVerifyCa, TlsMode::kVerifyFull}) {
    Account account;
    probe::SessionObservation seen;
    {
      ScriptedServer server([&](ServerConnection& peer) {
        peer.receive(8);
        peer.send("N");
        serve_session(peer, account, one_row({"f", "", ""}));
      });
      seen = log_in_to(server, target(mode));
    }
    EXPECT_FALSE(account.started) << "the StartupMessage went out";
    ASSERT_TRUE(seen.failure);
    EXPECT_EQ(seen.failure->cause, Cause::kTlsNotOffered) << seen.failure->message;
  }
}

TEST_F(PostgresqlLogin, GoesOnInPlaintextWhereTheModeIsPrefer) {
  Account account;
  probe::SessionObservation seen;
  {
    ScriptedServer server([&](ServerConnection& peer) {
      peer.receive(8);
      peer.send("N");
      serve_session(peer, account, one_row({"f", "", ""}));
    });
    seen = log_in_to(server, target(TlsMode::kPrefer));
  }
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.encrypted, Tristate::kNo);
}

TEST_F(PostgresqlLogin, LeavesTheQuestionOpenWhereTheServerWillNotSay) {
  Account account;
  probe::SessionObservation seen;
  {
    ScriptedServer server([&](ServerConnection& peer) {
      serve_session(
          peer, account,
          text(fixtures::error("42501", "permission denied for view pg_stat_ssl")) + text(fixtures::ready()));
    });
    seen = log_in_to(server, target(TlsMode::kDisable));
  }
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
  ASSERT_TRUE(seen.failure);
  EXPECT_NE(seen.failure->peer_text.find("permission denied"), std::string::npos);
}

using resource::Engine;

// What CockroachDB says of itself beside its own version is that of the PostgreSQL that it imitates.
const Parameters kCockroach{{"server_version", "13.0.0"},
                            {"crdb_version", "CockroachDB CCL v25.2.22 (x86_64-pc-linux-gnu)"}};
const Parameters kRedshift{{"server_version", "8.0.2"}};
constexpr const char* kRedshiftVersion =
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), "
    "Redshift 1.0.48805";

TEST_F(PostgresqlLogin, TakesCockroachsOwnVersionAndAsksItNothingElse) {
  Account account;
  const auto seen = log_in_at(Engine::kCockroachdb, account, kCockroach, {});
  EXPECT_TRUE(seen.logged_in);
  EXPECT_FALSE(seen.failure);
  EXPECT_EQ(seen.server_version, "CockroachDB CCL v25.2.22 (x86_64-pc-linux-gnu)");
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
  EXPECT_TRUE(account.terminated) << "asked something, or left without Terminate";
}

TEST_F(PostgresqlLogin, AsksACockroachForItsVersionWhereItDoesNotAnnounceIt) {
  Account account;
  const auto seen = log_in_at(Engine::kCockroachdb, account, {{"server_version", "13.0.0"}},
                              {one_row({"CockroachDB CCL v22.1.0 (x86_64-pc-linux-gnu)"})});
  EXPECT_EQ(seen.server_version, "CockroachDB CCL v22.1.0 (x86_64-pc-linux-gnu)");
  Account silent;
  const auto none = log_in_at(Engine::kCockroachdb, silent, {{"server_version", "13.0.0"}},
                              {refusal("42883", "unknown function: version()")});
  EXPECT_EQ(none.server_version, "");
}

TEST_F(PostgresqlLogin, ReadsRedshiftsOwnReleaseAndItsConnectionLog) {
  Account account;
  const auto seen = log_in_at(
      Engine::kRedshift, account, kRedshift,
      {one_row({kRedshiftVersion}), one_row({"TLSv1.2             ", "ECDHE-RSA-AES256-GCM-SHA384  "})});
  EXPECT_EQ(seen.server_version, kRedshiftVersion);
  EXPECT_EQ(seen.encrypted, Tristate::kYes);
  EXPECT_EQ(seen.protocol, "TLSv1.2");
  EXPECT_EQ(seen.cipher, "ECDHE-RSA-AES256-GCM-SHA384");
  ASSERT_EQ(account.queries.size(), 2);
  EXPECT_NE(account.queries[1].find("session_id = pg_backend_pid()"), std::string::npos);
}

TEST_F(PostgresqlLogin, TakesAnEmptyEntryOfRedshiftsLogForPlaintext) {
  Account account;
  const auto seen = log_in_at(Engine::kRedshift, account, kRedshift,
                              {one_row({kRedshiftVersion}), one_row({"    ", "  "})});
  EXPECT_EQ(seen.encrypted, Tristate::kNo);
}

TEST_F(PostgresqlLogin, LeavesTheQuestionOpenWhereRedshiftsLogIsClosedAbsentOrNotYetWritten) {
  const auto no_row = text(fixtures::message('T', int16(0))) +
                      text(fixtures::message('C', std::string("SELECT 0\0", 9))) + text(fixtures::ready());
  for (const auto& answer : {refusal("42501", "permission denied for relation sys_connection_log"),
                             refusal("42P01", "relation \"sys_connection_log\" does not exist"), no_row}) {
    Account account;
    const auto seen = log_in_at(Engine::kRedshift, account, kRedshift, {one_row({kRedshiftVersion}), answer});
    EXPECT_TRUE(seen.logged_in);
    EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
    EXPECT_FALSE(seen.failure) << seen.failure->message;
  }
}

TEST_F(PostgresqlLogin, TellsAnotherErrorOfRedshiftsLog) {
  Account account;
  const auto seen = log_in_at(Engine::kRedshift, account, kRedshift,
                              {one_row({kRedshiftVersion}), refusal("XX000", "leader node is busy")});
  ASSERT_TRUE(seen.failure);
  EXPECT_NE(seen.failure->peer_text.find("leader node is busy"), std::string::npos);
}

TEST_F(PostgresqlLogin, EndsAtTheDeadline) {
  ScriptedServer silent([](ServerConnection& peer) { peer.drain(); });
  const auto seen = log_in_to(silent, target(TlsMode::kDisable), 100ms);
  ASSERT_TRUE(seen.failure);
  EXPECT_EQ(seen.failure->cause, Cause::kTimedOut);
}

TEST_F(PostgresqlLogin, LeavesAServerThatAnswersWithoutEnd) {
  Account account;
  // A row that claims 512 MiB.
  std::string flood =
      text(fixtures::message('T', int16(0))) + "D" + int32(512 << 20) + int16(1) + int32((512 << 20) - 10);
  flood.resize(8 << 20, 'x');
  ScriptedServer endless([&](ServerConnection& peer) { serve_session(peer, account, flood); });
  const auto seen = log_in_to(endless, target(TlsMode::kDisable), 3s);
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
}

}  // namespace
}  // namespace tlswarden::drivers::postgresql

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
};

/// From the StartupMessage on: asks for a password in clear, and answers the one query.
void serve_session(ServerConnection& peer, Account& account, const std::string& result) {
  if (peer.receive_some().empty()) return;
  account.started = true;
  peer.send(text(fixtures::authentication(3)));
  account.password = peer.receive_some();
  peer.send(text(fixtures::authentication(0)) +
            text(fixtures::parameter("server_version", "15.20 (Debian)")) + text(fixtures::ready()));
  peer.receive_some();
  peer.send(result);
  account.terminated = peer.receive_some() == text(fixtures::terminate());
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
                                      std::chrono::milliseconds patience = 10s) const {
    const auto settings = ConnectionSettings::native(target, {.ip = "127.0.0.1", .port = server.port()});
    EXPECT_TRUE(settings) << settings.error().message;
    return log_in(*settings, {.user = "monitor", .database = "orders", .declared = true},
                  base::Deadline::after(clock_, patience), clock_);
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
  const auto seen = log_in_to(endless, target(TlsMode::kDisable), 300ms);
  EXPECT_TRUE(seen.logged_in);
  EXPECT_EQ(seen.encrypted, Tristate::kUnknown);
}

}  // namespace
}  // namespace tlswarden::drivers::postgresql

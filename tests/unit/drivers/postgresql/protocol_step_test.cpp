#include "drivers/postgresql/protocol_step.hpp"

#include <ostream>

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;
using test_support::End;
using test_support::ScriptedConversation;

probe::TlsObservation tls(bool requested, bool presented) {
  probe::TlsObservation seen;
  seen.finished = true;
  seen.client_certificate_requested = requested;
  seen.client_certificate_presented = presented;
  return seen;
}

ScriptedConversation script(probe::Target target, probe::TlsObservation seen) {
  return ScriptedConversation([target, seen] { return make_protocol_step(target, seen); },
                              probe::Stage::kProtocolStep)
      .never_writes("h0rse");
}

ScriptedConversation script_for_user(probe::TlsObservation seen) {
  return script(fixtures::target_with_user(), std::move(seen)).writes(fixtures::startup("monitor", "orders"));
}

TEST(PostgresqlProtocolStep, EndsWhereAPasswordWouldBeDue) {
  for (const std::uint8_t code : {3, 5, 7, 9, 10}) {
    const auto played =
        script_for_user(tls(true, true)).answers(fixtures::authentication(code)).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kAccepted);
    EXPECT_FALSE(played.findings.notice);
  }
}

TEST(PostgresqlProtocolStep, TellsWhetherACertificateWasWanted) {
  const auto outcome = [](bool requested, bool presented) {
    return script_for_user(tls(requested, presented))
        .answers(fixtures::authentication(10))
        .play()
        .findings.client_certificate;
  };
  EXPECT_EQ(outcome(false, false), ClientCertificateOutcome::kNotRequested);
  EXPECT_EQ(outcome(false, true), ClientCertificateOutcome::kNotRequested);
  EXPECT_EQ(outcome(true, false), ClientCertificateOutcome::kNotRequired);
  EXPECT_EQ(outcome(true, true), ClientCertificateOutcome::kAccepted);
}

TEST(PostgresqlProtocolStep, AsksForAMadeUpUserWhereNoneIsDeclared) {
  script(fixtures::target_without_user(), tls(false, false))
      .writes(fixtures::startup("tlswarden", "postgres"))
      .answers(fixtures::authentication(10))
      .ends(End::kDone)
      .verify();
}

TEST(PostgresqlProtocolStep, CutsANameAtANul) {
  auto target = fixtures::target_without_user();
  target.database = std::string("orders\0user\0postgres", 20);
  script(target, tls(false, false))
      .writes(fixtures::startup("tlswarden", "orders"))
      .answers(fixtures::authentication(10))
      .ends(End::kDone)
      .verify();
}

TEST(PostgresqlProtocolStep, ReadsTheVersionAndTakesLeaveWhereNoPasswordIsAsked) {
  base::Bytes rest = fixtures::parameter("server_version", "15.20 (Debian 15.20-0+deb12u1)");
  fixtures::append(rest, fixtures::message('K', "12345678"));
  fixtures::append(rest, fixtures::ready());
  const auto played = script_for_user(tls(false, false))
                          .answers(fixtures::authentication(0))
                          .answers(rest)
                          .writes(fixtures::terminate())
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.server_version, "15.20 (Debian 15.20-0+deb12u1)");
  EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kNotRequested);
}

TEST(PostgresqlProtocolStep, PrefersTheVersionOfCockroachToTheOneItImitates) {
  base::Bytes all = fixtures::authentication(0);
  fixtures::append(all, fixtures::parameter("crdb_version", "CockroachDB CCL v25.2.2"));
  fixtures::append(all, fixtures::parameter("server_version", "13.0.0"));
  fixtures::append(all, fixtures::ready());
  const auto played =
      script_for_user(tls(false, false)).answers(all).writes(fixtures::terminate()).ends(End::kDone).verify();
  EXPECT_EQ(played.findings.server_version, "CockroachDB CCL v25.2.2");
  EXPECT_EQ(played.findings.server_product, "CockroachDB");
}

TEST(PostgresqlProtocolStep, IsRefusedWhereAClientCertificateIsRequired) {
  for (const char* words : {"connection requires a valid client certificate",
                            "no TLS peer certificates, but required for auth"}) {
    const auto played = script_for_user(tls(true, false))
                            .answers(fixtures::error("28000", words))
                            .ends(End::kRefused, Cause::kClientCertificateRequired)
                            .verify();
    EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kRequired);
    EXPECT_EQ(played.failure->code, "28000");
  }
}

TEST(PostgresqlProtocolStep, IsRefusedWhereTheClientCertificateIsNotGoodEnough) {
  const auto played = script_for_user(tls(true, true))
                          .answers(fixtures::error("28000", "connection requires a valid client certificate"))
                          .ends(End::kRefused, Cause::kClientCertificateRejected)
                          .verify();
  EXPECT_EQ(played.findings.client_certificate, ClientCertificateOutcome::kRejected);
}

struct NoticeCase {
  const char* sqlstate;
  const char* text;
  Cause cause;
  ClientCertificateOutcome outcome;
};

void PrintTo(const NoticeCase& row,
             std::ostream* out) {  // NOLINT(readability-identifier-naming): googletest's name
  *out << row.sqlstate << ' ' << row.text;
}

class PostgresqlNotice : public testing::TestWithParam<NoticeCase> {};

TEST_P(PostgresqlNotice, IsTakenForNoFaultOfTls) {
  const auto& param = GetParam();
  const auto played = script_for_user(tls(true, false))
                          .answers(fixtures::error(param.sqlstate, param.text))
                          .ends(End::kDone)
                          .verify();
  ASSERT_TRUE(played.findings.notice);
  EXPECT_EQ(played.findings.notice->cause, param.cause);
  EXPECT_EQ(played.findings.notice->code, param.sqlstate);
  EXPECT_EQ(played.findings.notice->peer_text, param.text);
  EXPECT_EQ(played.findings.client_certificate, param.outcome);
}

INSTANTIATE_TEST_SUITE_P(
    All, PostgresqlNotice,
    testing::Values(
        NoticeCase{
            "28000",
            R"(no pg_hba.conf entry for host "10.0.0.1", user "monitor", database "orders", SSL encryption)",
            Cause::kTlsRefused, ClientCertificateOutcome::kUndetermined},
        NoticeCase{"28000",
                   R"(pg_hba.conf rejects connection for host "10.0.0.1", user "monitor", database "orders")",
                   Cause::kAccessRefused, ClientCertificateOutcome::kUndetermined},
        NoticeCase{"28000", R"(role "monitor" does not exist)", Cause::kAuthenticationFailed,
                   ClientCertificateOutcome::kNotRequired},
        NoticeCase{"3D000", R"(database "orders" does not exist)", Cause::kDatabaseNotFound,
                   ClientCertificateOutcome::kNotRequired},
        NoticeCase{"53300", "sorry, too many clients already", Cause::kServerBusy,
                   ClientCertificateOutcome::kUndetermined},
        NoticeCase{"57P03", "the database system is starting up", Cause::kServerStarting,
                   ClientCertificateOutcome::kUndetermined},
        NoticeCase{"XX000", "out of luck", Cause::kServerError, ClientCertificateOutcome::kUndetermined}));

TEST(PostgresqlProtocolStep, DoesNotTakeARefusedMadeUpUserForARefusalOfTls) {
  const auto played =
      script(fixtures::target_without_user(), tls(false, false))
          .writes(fixtures::startup("tlswarden", "postgres"))
          .answers(fixtures::error(
              "28000", R"(no pg_hba.conf entry for host "10.0.0.1", user "tlswarden", SSL encryption)"))
          .ends(End::kDone)
          .verify();
  ASSERT_TRUE(played.findings.notice);
  EXPECT_EQ(played.findings.notice->cause, Cause::kAccessRefused);
}

TEST(PostgresqlProtocolStep, GivesUpOnAServerThatNeverStopsTalking) {
  const auto conversation = make_protocol_step(fixtures::target_with_user(), tls(false, false));
  conversation->start();
  const auto notice = fixtures::message('N', std::string(8000, 'x'));
  probe::Action action = probe::NeedMore{};
  for (int i = 0; i < 64 && std::holds_alternative<probe::NeedMore>(action); ++i)
    action = conversation->receive(notice);
  ASSERT_TRUE(std::holds_alternative<probe::Fail>(action));
  EXPECT_EQ(std::get<probe::Fail>(action).failure.cause, Cause::kMessageTooLarge);
}

}  // namespace
}  // namespace tlswarden::drivers::postgresql

#include "drivers/postgresql/plaintext_attempt.hpp"

#include "fixtures.hpp"
#include "tests/support/scripted_conversation.hpp"

namespace tlswarden::drivers::postgresql {
namespace {

using probe::Cause;
using probe::Tristate;
using test_support::End;
using test_support::ScriptedConversation;

ScriptedConversation script() {
  return ScriptedConversation([] { return make_plaintext_attempt(fixtures::target_with_user()); },
                              probe::Stage::kPlaintext)
      .never_writes("h0rse")
      .writes(fixtures::startup("monitor", "orders"));
}

TEST(PostgresqlPlaintextAttempt, IsAcceptedWhereAPasswordIsAsked) {
  for (const std::uint8_t code : {3, 5, 10}) {
    const auto played = script().answers(fixtures::authentication(code)).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
  }
}

TEST(PostgresqlPlaintextAttempt, IsAcceptedWhereNoneIsAskedAndTakesLeave) {
  base::Bytes rest = fixtures::parameter("server_version", "15.20");
  fixtures::append(rest, fixtures::ready());
  const auto played = script()
                          .answers(fixtures::authentication(0))
                          .answers(rest)
                          .writes(fixtures::terminate())
                          .ends(End::kDone)
                          .verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kYes);
  EXPECT_EQ(played.findings.server_version, "15.20");
}

TEST(PostgresqlPlaintextAttempt, BelievesServerVersionOnlyOfPostgresql) {
  using resource::Engine;
  const auto version_of = [](Engine engine, const base::Bytes& parameters) {
    auto target = fixtures::target_with_user();
    target.engine = engine;
    base::Bytes rest = parameters;
    fixtures::append(rest, fixtures::ready());
    return ScriptedConversation([target] { return make_plaintext_attempt(target); }, probe::Stage::kPlaintext)
        .writes(fixtures::startup("monitor", "orders"))
        .answers(fixtures::authentication(0))
        .answers(rest)
        .writes(fixtures::terminate())
        .ends(End::kDone)
        .verify()
        .findings.server_version;
  };
  const auto imitated = fixtures::parameter("server_version", "13.0.0");
  EXPECT_EQ(version_of(Engine::kPostgresql, imitated), "13.0.0");
  EXPECT_EQ(version_of(Engine::kCockroachdb, imitated), "");
  EXPECT_EQ(version_of(Engine::kRedshift, imitated), "");
  auto cockroach = imitated;
  fixtures::append(cockroach, fixtures::parameter("crdb_version", "CockroachDB CCL v25.2.22"));
  EXPECT_EQ(version_of(Engine::kCockroachdb, cockroach), "CockroachDB CCL v25.2.22");
}

class PostgresqlTlsRequired : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(PostgresqlTlsRequired, IsReadFromTheServersWords) {
  const auto& [sqlstate, text] = GetParam();
  const auto played =
      script().answers(fixtures::error(sqlstate, text)).ends(End::kRefused, Cause::kTlsRequired).verify();
  EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kNo);
  EXPECT_EQ(played.failure->peer_text, text);
}

INSTANTIATE_TEST_SUITE_P(
    All, PostgresqlTlsRequired,
    testing::Values(
        std::pair{"28000",
                  R"(no pg_hba.conf entry for host "10.0.0.1", user "m", database "o", no encryption)"},
        std::pair{
            "28000",
            R"(pg_hba.conf rejects connection for host "10.0.0.1", user "m", database "o", no encryption)"},
        std::pair{"28000", R"(no pg_hba.conf entry for host "10.0.0.1", user "m", database "o", SSL off)"},
        std::pair{"28000", "SSL connection is required. Please specify SSL options and retry."},
        std::pair{"08P01", "node is running secure mode, SSL connection required"},
        std::pair{"08P01", "SSL required"},
        std::pair{"XX000", "connection is insecure (try using `sslmode=require`)"}));

TEST(PostgresqlPlaintextAttempt, CannotTellFromAnotherError) {
  for (const auto& [sqlstate, cause] :
       {std::pair{"53300", Cause::kServerBusy}, std::pair{"57P03", Cause::kServerStarting},
        std::pair{"XX000", Cause::kServerError}}) {
    const auto played = script().answers(fixtures::error(sqlstate, "no")).ends(End::kDone).verify();
    EXPECT_EQ(played.findings.plaintext_accepted, Tristate::kUnknown);
    ASSERT_TRUE(played.findings.notice);
    EXPECT_EQ(played.findings.notice->cause, cause);
  }
}

}  // namespace
}  // namespace tlswarden::drivers::postgresql

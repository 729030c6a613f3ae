#include "verdict/advice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/unit/verdict/scenario.hpp"
#include "verdict/reason_names.hpp"

namespace tlswarden::verdict {
namespace {

using probe::Cause;
using probe::ClientCertificateOutcome;
using probe::Stage;
using resource::Advice;
using resource::Engine;
using resource::TlsMode;
using resource::Urgency;
using testing::Contains;
using testing::HasSubstr;

std::vector<std::string> actions(const resource::EndpointStatus& status) {
  std::vector<std::string> names;
  for (const Advice& item : status.advice)
    names.push_back(item.action);
  return names;
}

/// A fault and the first thing to do about it.
struct Case {
  const char* name;
  Engine engine;
  TlsMode mode;
  std::function<void(Scenario&)> change;
  const char* action;
  Urgency urgency;
};

void PrintTo(const Case& each, std::ostream* out) {
  *out << each.name;
}

TEST(Advice, KeepsTheServersWordsBelowTheModeThatTheyAskFor) {
  Scenario scenario(Engine::kPostgresql, TlsMode::kDisable);
  scenario.observation.plaintext->failure =
      probe::Failure{Stage::kPlaintext, Cause::kTlsRequired, "The server requires an encrypted connection.",
                     "no encryption", "28000"};
  const auto status = scenario.judge();
  const Advice& first = status.advice.front();
  EXPECT_EQ(first.action, "ChangeMode");
  EXPECT_EQ(
      first.message,
      "The server requires an encrypted connection; verify-full would work today. Next: set spec.tls.mode, "
      "and the applications' own setting, to verify-full.\nServer: \"no encryption\"");
}

class FirstAdvice : public testing::TestWithParam<Case> {};

TEST_P(FirstAdvice, FixesTheCause) {
  Scenario scenario(GetParam().engine, GetParam().mode);
  GetParam().change(scenario);
  const auto status = scenario.judge();
  ASSERT_FALSE(status.advice.empty());
  EXPECT_EQ(status.advice.front().action, GetParam().action) << status.advice.front().message;
  EXPECT_EQ(status.advice.front().urgency, GetParam().urgency);
  for (std::size_t i = 1; i < status.advice.size(); ++i) {
    EXPECT_LE(status.advice[i - 1].urgency, status.advice[i].urgency) << "out of order at " << i;
  }
}

constexpr auto kFull = TlsMode::kVerifyFull;

INSTANTIATE_TEST_SUITE_P(
    Faults, FirstAdvice,
    testing::Values(Case{"expired", Engine::kPostgresql, kFull, [](Scenario& s) { s.serve_expired(); },
                         "RotateServerCertificate", Urgency::kNow},
                    Case{"expired under require", Engine::kMariadb, TlsMode::kRequire,
                         [](Scenario& s) { s.serve_expired(); }, "RotateServerCertificate", Urgency::kNow},
                    Case{"expiring", Engine::kPostgresql, kFull,
                         [](Scenario& s) {
                           const auto leaf = server_leaf("localhost", kNow - 70 * kDay, kNow + 20 * kDay);
                           s.serve({&leaf, &demo().intermediate});
                         },
                         "RotateServerCertificate", Urgency::kSoon},
                    Case{"self-signed", Engine::kRedis, kFull, [](Scenario& s) { s.serve_self_signed(); },
                         "ReplaceServerCertificate", Urgency::kNow},
                    Case{"wrong name", Engine::kMysql, kFull,
                         [](Scenario& s) { s.serve_for("db.example.com"); }, "ReissueWithName",
                         Urgency::kNow},
                    Case{"intermediate not sent", Engine::kPostgresql, kFull,
                         [](Scenario& s) { s.serve({&demo().leaf}); }, "SendIntermediate", Urgency::kNow},
                    Case{"TLS off", Engine::kPostgresql, kFull, [](Scenario& s) { s.tls_off(); }, "EnableTLS",
                         Urgency::kNow},
                    Case{"TLS demanded, disable declared", Engine::kPostgresql, TlsMode::kDisable,
                         [](Scenario&) {}, "ChangeMode", Urgency::kNow},
                    Case{"client certificate demanded", Engine::kRedis, kFull,
                         [](Scenario& s) {
                           s.observation.client_certificate = ClientCertificateOutcome::kRequired;
                           s.fail(Stage::kProtocolStep, Cause::kClientCertificateRequired, "116");
                         },
                         "ProvideClientCertificate", Urgency::kNow},
                    Case{"version drift", Engine::kMariadb, kFull,
                         [](Scenario& s) {
                           s.endpoint.spec.expected_server_version = "10.6";
                           s.observation.server_version = "11.4.2-MariaDB";
                         },
                         "AlignVersion", Urgency::kNow},
                    Case{"stronger mode works", Engine::kMariadb, TlsMode::kRequire, [](Scenario&) {},
                         "ChangeMode", Urgency::kPlanned},
                    Case{"plaintext accepted", Engine::kPostgresql, kFull,
                         [](Scenario& s) { s.accept_plaintext(); }, "RequireTLSAtServer", Urgency::kConsider},
                    Case{"plaintext untold", Engine::kMysql, kFull,
                         [](Scenario& s) { s.plaintext_needs_login(); }, "DeclareCredentials",
                         Urgency::kConsider},
                    Case{"connection refused", Engine::kPostgresql, kFull,
                         [](Scenario& s) { s.unreachable(); }, "RestoreConnection", Urgency::kNow},
                    Case{"unknown CA", Engine::kPostgresql, kFull,
                         [](Scenario& s) {
                           const auto other = test_support::demo_pki(kNow);
                           s.serve({&other.leaf, &other.intermediate, &other.root});
                         },
                         "TrustIssuer", Urgency::kNow}));

TEST(Advice, ForAWrongNameReissuesOrSetsServerNameBeforeItNamesVerifyCa) {
  Scenario scenario;
  const auto status = scenario.serve_for("db.example.com").judge();
  EXPECT_THAT(actions(status), testing::ElementsAre("ReissueWithName", "UseInterimMode"));
  EXPECT_THAT(status.advice[0].message,
              HasSubstr("reissue the certificate with localhost as subject alternative name"));
  EXPECT_THAT(status.advice[0].message, HasSubstr("set spec.tls.serverName to db.example.com"));
  EXPECT_THAT(status.advice[1].message, HasSubstr("verify-ca"));
  EXPECT_THAT(status.advice[1].message, HasSubstr("until the certificate is reissued"));
}

TEST(Advice, NeverNamesAWeakerModeForAFaultThatCanBeFixed) {
  for (const auto& change : std::vector<std::function<void(Scenario&)>>{
           [](Scenario& s) { s.serve_expired(); }, [](Scenario& s) { s.serve_self_signed(); },
           [](Scenario& s) { s.serve({&demo().leaf}); }, [](Scenario& s) { s.tls_off(); }}) {
    Scenario scenario(Engine::kMariadb);
    change(scenario);
    for (const std::string& action : actions(scenario.judge())) {
      EXPECT_NE(action, "ChangeMode");
      EXPECT_NE(action, "UseInterimMode");
    }
  }
}

TEST(Advice, SaysHowTheEngineTakesUpANewCertificateAndByWhen) {
  Scenario scenario(Engine::kMariadb);
  const auto status = scenario.serve_expired().judge();
  EXPECT_THAT(status.advice.front().steps, Contains(HasSubstr("`FLUSH SSL;`")));
  EXPECT_TRUE(status.advice.front().by);
}

TEST(Advice, SaysHowTheVersionThatWasSeenTakesUpANewCertificate) {
  Scenario scenario(Engine::kMariadb);
  scenario.serve_expired().observation.server_version = "5.5.5-10.3.39-MariaDB";
  const auto old = scenario.judge();
  EXPECT_THAT(old.advice.front().steps, Contains(HasSubstr("`systemctl restart mariadb`")));
  scenario.observation.server_version = "5.5.5-10.11.19-MariaDB";
  const auto now = scenario.judge();
  EXPECT_THAT(now.advice.front().steps, Contains(HasSubstr("`FLUSH SSL;`")));
}

TEST(Advice, SaysWhatToGrantWhereOnlyALoginCouldTell) {
  Scenario scenario(Engine::kMysql);
  const auto status = scenario.plaintext_needs_login().judge();
  EXPECT_THAT(status.advice.front().steps, Contains(resource::engine_facts(Engine::kMysql).grant));
}

TEST(Advice, NamesTheModeInTheClientsOwnSpelling) {
  const auto status = Scenario(Engine::kMysql, TlsMode::kRequire).judge();
  EXPECT_THAT(status.advice.front().steps, Contains(HasSubstr("--ssl-mode=VERIFY_IDENTITY")));
}

TEST(Advice, FallbackToPlaintextIsRepairedBeforeTheModeIsRaised) {
  Scenario scenario(Engine::kPostgresql, TlsMode::kPrefer);
  const auto status = scenario.serve_expired().accept_plaintext().judge();
  ASSERT_GE(status.advice.size(), 2U);
  EXPECT_EQ(status.advice[0].action, "RotateServerCertificate");
  EXPECT_EQ(status.advice[1].action, "ChangeMode");
}

TEST(Advice, LeavesOutStepsForOtherEngines) {
  Scenario scenario(Engine::kMysql);
  const auto status = scenario.accept_plaintext().judge();
  EXPECT_EQ(status.advice.front().action, "RequireTLSAtServer");
  EXPECT_THAT(status.advice.front().steps, Contains(HasSubstr("MySQL and MariaDB:")));
  EXPECT_THAT(status.advice.front().steps, testing::Not(Contains(HasSubstr("Redis:"))));
}

TEST(Advice, DoesNotAskAServerWithoutTlsToDemandIt) {
  Scenario scenario;
  scenario.tls_off();
  EXPECT_THAT(actions(scenario.judge()), testing::Not(Contains("RequireTLSAtServer")));
}

TEST(Advice, TakesTheNextStepFromTheProbesOwnWords) {
  Scenario scenario;
  scenario.unreachable();
  scenario.observation.failure->message = "10.0.0.7:5432 refuses the connection; start the server.";
  const auto status = scenario.judge();
  EXPECT_EQ(status.advice.front().message, "10.0.0.7:5432 refuses the connection. Next: start the server.");
  EXPECT_EQ(headline(status), "10.0.0.7:5432 refuses the connection");
}

TEST(Advice, EachActionForOneReasonOccursOnce) {
  Scenario scenario;
  const auto status = scenario.serve_expired().accept_plaintext().judge();
  std::set<std::pair<std::string, std::string>> seen;
  for (const Advice& item : status.advice)
    EXPECT_TRUE(seen.emplace(item.action, item.reason).second) << item.action;
}

TEST(Advice, ReferencesComeBeforeEverythingElse) {
  Scenario scenario;
  scenario.serve_expired();
  scenario.material.problems.push_back({pki::MaterialProblem::Kind::kReferenceNotFound, "spec.auth.password",
                                        "Secret orders has no key password."});
  const auto status = scenario.judge();
  EXPECT_EQ(status.advice.front().action, "FixReference");
  EXPECT_THAT(status.advice.front().message, HasSubstr("spec.auth.password"));
}

}  // namespace
}  // namespace tlswarden::verdict

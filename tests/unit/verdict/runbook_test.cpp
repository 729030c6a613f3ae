#include "verdict/runbook.hpp"

#include <gmock/gmock.h>

#include "resource/provider.hpp"
#include "tests/unit/verdict/scenario.hpp"

namespace tlswarden::verdict {
namespace {

using resource::Engine;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

std::vector<std::string> steps_of(const Scenario& s) {
  return serving_steps({s.endpoint, s.material, s.observation, s.history, s.now});
}

struct Known {
  Engine engine;
  const char* reported;
  const char* step;  ///< a part of the step that makes the server serve it
};

/// Engines × versions: what the operator is told to do.
class Runbook : public testing::TestWithParam<Known> {};
INSTANTIATE_TEST_SUITE_P(
    Versions, Runbook,
    testing::Values(
        Known{Engine::kPostgresql, "17.2", "Reload with `SELECT pg_reload_conf();` in psql"},
        Known{Engine::kPostgresql, "9.6.24", "Restart with `pg_ctl restart -D PGDATA -m fast`"},
        Known{Engine::kRedshift, "8.0.2", "No command is needed."},
        Known{Engine::kCockroachdb, "v23.1.11", "Reload with `pkill -SIGHUP -x cockroach`"},
        Known{Engine::kMysql, "8.4.3", "Reload with `ALTER INSTANCE RELOAD TLS;`"},
        Known{Engine::kMysql, "5.7.44", "Restart with `systemctl restart mysql`"},
        Known{Engine::kMariadb, "5.5.5-10.11.19-MariaDB", "Reload with `FLUSH SSL;`"},
        Known{Engine::kMariadb, "5.5.5-10.3.39-MariaDB", "Restart with `systemctl restart mariadb`"},
        Known{Engine::kSqlserver, "16.0.4135", "Restart with `systemctl restart mssql-server`"},
        Known{Engine::kMongodb, "7.0.14", "Reload with `db.adminCommand({rotateCertificates: 1})`"},
        Known{Engine::kMongodb, "4.4.29", "Restart with `systemctl restart mongod`"},
        Known{Engine::kRedis, "7.0.15", "Reload with `CONFIG SET tls-cert-file CERT tls-key-file KEY`"},
        Known{Engine::kRedis, "6.2.14", "Reload with `CONFIG SET tls-cert-file CERT`"},
        Known{Engine::kClickhouse, "24.8.4", "Reload with `SYSTEM RELOAD CONFIG`"},
        Known{Engine::kClickhouse, "22.3.2", "Reload with `SYSTEM RELOAD CONFIG`"},
        Known{Engine::kClickhouse, "18.16.1", "Restart with `systemctl restart clickhouse-server`"},
        Known{Engine::kCassandra, "4.1.3", "Reload with `nodetool reloadssl`"},
        Known{Engine::kCassandra, "3.11.17", "Restart with `nodetool drain && systemctl restart cassandra`"},
        Known{Engine::kOracle, "19.0.0", "Restart with `lsnrctl stop && lsnrctl start`"},
        Known{Engine::kEtcd, "3.5.16", "No command is needed."},
        Known{Engine::kEtcd, "3.1.20", "Restart with `systemctl restart etcd`"}));

TEST_P(Runbook, SaysWhereWhatHowToVerifyAndWhoSaysSo) {
  Scenario scenario(GetParam().engine);
  scenario.observation.server_version = GetParam().reported;
  const auto steps = steps_of(scenario);
  ASSERT_THAT(steps, SizeIs(4));
  EXPECT_THAT(steps[1], HasSubstr(GetParam().step));
  EXPECT_THAT(steps[1], testing::AnyOf(HasSubstr("stay"), HasSubstr(" end"), HasSubstr("ends")))
      << "the cost";
  EXPECT_THAT(steps[2], HasSubstr("`tlswarden check -f FILE`, where FILE declares orders"));
  EXPECT_THAT(steps[3], StartsWith("Source: https://"));
  EXPECT_THAT(
      client_ca_step({scenario.endpoint, scenario.material, scenario.observation, scenario.history, kNow}),
      HasSubstr("client"));
}

TEST(Runbook, GivesEveryVersionsCommandWhereTheVersionIsNotKnown) {
  const auto steps = steps_of(Scenario(Engine::kMariadb));
  EXPECT_THAT(steps, Contains(StartsWith("MariaDB >=10.4.1: Reload with `FLUSH SSL;`")));
  EXPECT_THAT(steps, Contains(StartsWith("MariaDB <10.4.1: Restart with `systemctl restart mariadb`")));
}

TEST(Runbook, AtAServiceNamesOnlyWhatItsCustomerCanDo) {
  for (const resource::ProviderFacts& service : resource::all_providers()) {
    SCOPED_TRACE(service.id);
    Scenario scenario(service.engines.front());
    scenario.endpoint.spec.provider = service.id;
    const auto steps = steps_of(scenario);
    EXPECT_THAT(steps.front(), StartsWith(service.title + ": "));
    EXPECT_THAT(steps, Contains("Source: " + service.source));
    EXPECT_THAT(steps, Each(Not(HasSubstr("Reload with"))));
    const bool restarts = service.rotation.restart != resource::RestartImpact::kNever;
    EXPECT_EQ(restarts, steps[1].find("drops its connections") != std::string::npos) << steps[1];
    const JudgeInput input{scenario.endpoint, scenario.material, scenario.observation, scenario.history,
                           kNow};
    EXPECT_THAT(reload_hint(input), HasSubstr(service.title));
    EXPECT_EQ(client_ca_step(input), "");
  }
}

TEST(Runbook, TencentDbForSqlServerRestartsInItsWindow) {
  Scenario scenario(Engine::kSqlserver);
  scenario.endpoint.spec.provider = "tencentdb-sqlserver";
  EXPECT_THAT(steps_of(scenario), Contains(testing::AllOf(HasSubstr("Update Certificate"),
                                                          HasSubstr("do it in its maintenance window"))));
}

}  // namespace
}  // namespace tlswarden::verdict

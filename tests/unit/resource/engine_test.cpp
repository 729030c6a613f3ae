#include "resource/engine.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "resource/engine_catalogue.hpp"
#include "schema/embedded.hpp"

namespace tlswarden::resource {
namespace {

using ::testing::HasSubstr;

class EveryEngine : public ::testing::TestWithParam<Engine> {};
INSTANTIATE_TEST_SUITE_P(Engines, EveryEngine, ::testing::ValuesIn(kAllEngines),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST_P(EveryEngine, HasACompleteEntryInTheCatalogue) {
  const EngineFacts& facts = engine_facts(GetParam());
  EXPECT_EQ(facts.engine, GetParam());
  EXPECT_FALSE(facts.title.empty());
  EXPECT_NE(facts.port, 0);
  EXPECT_TRUE(facts.in_band || facts.direct);
  EXPECT_FALSE(facts.client.empty());
  for (const std::string& spelling : facts.spelling)
    EXPECT_FALSE(spelling.empty());
  for (const std::string& sentence : {facts.enable, facts.grant}) {
    EXPECT_FALSE(sentence.empty());
    EXPECT_EQ(sentence.find('\n'), std::string::npos) << sentence;
  }
}

TEST_P(EveryEngine, NamesRoundTrip) {
  EXPECT_EQ(parse_engine(to_string(GetParam())), GetParam());
}

TEST_P(EveryEngine, DefaultsToPreferOnlyWhereItsClientCanFallBack) {
  const EngineFacts& facts = engine_facts(GetParam());
  EXPECT_EQ(facts.default_mode,
            facts.fallback == PreferFallback::kNone ? TlsMode::kDisable : TlsMode::kPrefer);
}

TEST_P(EveryEngine, SpellsPreferLikeRequireWhereThereIsNoFallback) {
  const EngineFacts& facts = engine_facts(GetParam());
  if (facts.fallback != PreferFallback::kNone) return;
  EXPECT_EQ(facts.spelling[1], facts.spelling[2]);
}

TEST_P(EveryEngine, SaysForEveryVersionHowACertificateIsTakenUp) {
  const EngineFacts& facts = engine_facts(GetParam());
  EXPECT_FALSE(facts.plain_ports.empty());
  EXPECT_THAT(std::vector<std::uint16_t>(facts.tls_ports), ::testing::Contains(facts.port));
  for (const CertificateReload& reload : facts.reloads) {
    for (const std::string& sentence : {reload.place, reload.cost, reload.client_ca}) {
      EXPECT_TRUE(sentence.ends_with('.')) << sentence;
      EXPECT_EQ(sentence.find('\n'), std::string::npos) << sentence;
    }
    EXPECT_TRUE(reload.source.starts_with("https://")) << reload.source;
    EXPECT_EQ(reload.command.empty(), reload.tool.empty());
    // A restart is never free, and never without its command.
    EXPECT_TRUE(!reload.restart || !reload.command.empty());
    EXPECT_TRUE(reload.restart || reload.cost.find("open ones stay") != std::string::npos ||
                reload.cost.find("Open connections stay") != std::string::npos)
        << reload.cost;
  }
  // Old or new, a version that is known has one runbook and no more.
  for (const char* version : {"1.0.0", "3.1.9", "6.2.14", "9.6.24", "22.8.4", "99.9.9"})
    EXPECT_EQ(reloads_for(facts, version).size(), 1U) << version;
  EXPECT_EQ(reloads_for(facts, "").size(), facts.reloads.size());
}

struct Reloaded {
  Engine engine;
  const char* reported;
  const char* words;
};

class Reload : public ::testing::TestWithParam<Reloaded> {};
INSTANTIATE_TEST_SUITE_P(
    Versions, Reload,
    ::testing::Values(Reloaded{Engine::kPostgresql, "15.20 (Debian 15.20-0+deb12u1)", "pg_reload_conf()"},
                      Reloaded{Engine::kPostgresql, "9.6.24", "pg_ctl restart"},
                      Reloaded{Engine::kMysql, "8.0.16", "ALTER INSTANCE RELOAD TLS"},
                      Reloaded{Engine::kMysql, "8.0.15", "systemctl restart mysql"},
                      Reloaded{Engine::kMysql, "5.7.44", "systemctl restart mysql"},
                      Reloaded{Engine::kMariadb, "5.5.5-10.11.19-MariaDB", "FLUSH SSL"},
                      Reloaded{Engine::kMariadb, "5.5.5-10.3.39-MariaDB", "systemctl restart mariadb"},
                      Reloaded{Engine::kMongodb, "4.4.29", "systemctl restart mongod"},
                      Reloaded{Engine::kMongodb, "7.0.14", "rotateCertificates"},
                      Reloaded{Engine::kRedis, "6.2.14", "CONFIG SET tls-cert-file CERT"},
                      Reloaded{Engine::kRedis, "7.0.15", "tls-key-file KEY"},
                      Reloaded{Engine::kClickhouse, "18.16.1", "systemctl restart clickhouse-server"},
                      Reloaded{Engine::kClickhouse, "22.8.4", "SYSTEM RELOAD CONFIG"},
                      Reloaded{Engine::kCockroachdb, "v23.1.0", "SIGHUP"},
                      Reloaded{Engine::kSqlserver, "16.0.4135", "mssql-server"},
                      Reloaded{Engine::kOracle, "19.0.0", "lsnrctl"},
                      Reloaded{Engine::kCassandra, "4.1.3", "nodetool reloadssl"},
                      Reloaded{Engine::kCassandra, "3.11.17", "systemctl restart cassandra"}));

TEST_P(Reload, DependsOnTheVersionOfTheServer) {
  const EngineFacts& facts = engine_facts(GetParam().engine);
  const auto runbooks = reloads_for(facts, GetParam().reported);
  ASSERT_EQ(runbooks.size(), 1U);
  EXPECT_THAT(runbooks.front()->command, HasSubstr(GetParam().words));
}

TEST(Reloads, AreToldForAllVersionsWhereTheServersIsNotKnown) {
  const EngineFacts& facts = engine_facts(Engine::kMysql);
  EXPECT_EQ(reloads_for(facts, "").size(), 2U);
}

TEST(EngineFacts, PortsAreThoseOfTheApiReference) {
  const std::vector<std::pair<Engine, int>> ports{
      {Engine::kPostgresql, 5432}, {Engine::kRedshift, 5439}, {Engine::kCockroachdb, 26257},
      {Engine::kMysql, 3306},      {Engine::kMariadb, 3306},  {Engine::kSqlserver, 1433},
      {Engine::kMongodb, 27017},   {Engine::kRedis, 6379},    {Engine::kClickhouse, 8443},
      {Engine::kCassandra, 9042},  {Engine::kOracle, 2484},   {Engine::kEtcd, 2379}};
  for (const auto& [engine, port] : ports)
    EXPECT_EQ(engine_facts(engine).port, port) << to_string(engine);
}

TEST(EngineFacts, LibpqAloneVerifiesInRequireAndPreferOnceACaIsGivenAmongTheDriversOfThisBuild) {
  for (const Engine engine : {Engine::kPostgresql, Engine::kRedshift, Engine::kCockroachdb}) {
    EXPECT_TRUE(engine_facts(engine).prefer_verifies_with_ca);
    EXPECT_TRUE(engine_facts(engine).require_verifies_with_ca);
    EXPECT_EQ(engine_facts(engine).names, NameRules::kLibpq);
  }
  for (const Engine engine : {Engine::kMysql, Engine::kMariadb, Engine::kRedis}) {
    EXPECT_FALSE(engine_facts(engine).prefer_verifies_with_ca);
    EXPECT_FALSE(engine_facts(engine).require_verifies_with_ca);
  }
}

TEST(EngineFacts, RedisSwallowsAClientHelloAndItsClientComparesNoNames) {
  EXPECT_TRUE(engine_facts(Engine::kRedis).silent_on_tls);
  EXPECT_FALSE(engine_facts(Engine::kRedis).client_checks_names);
}

TEST(Names, ModesStylesAndVersionsRoundTrip) {
  for (const TlsMode mode : kAllModes)
    EXPECT_EQ(parse_mode(to_string(mode)), mode);
  for (const auto style : {NegotiationStyle::kAuto, NegotiationStyle::kInBand, NegotiationStyle::kDirect}) {
    EXPECT_EQ(parse_negotiation(to_string(style)), style);
  }
  for (const auto version :
       {TlsVersion::kTls10, TlsVersion::kTls11, TlsVersion::kTls12, TlsVersion::kTls13}) {
    EXPECT_EQ(parse_tls_version(to_string(version)), version);
  }
  EXPECT_EQ(parse_mode("VERIFY_IDENTITY"), std::nullopt);
}

/// The embedded catalogue with one piece of text replaced.
std::string altered(const std::string& from, const std::string& to) {
  std::string text(schema::engines());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

struct Broken {
  const char* behaviour;
  const char* from;
  const char* to;
  const char* message;
};

class BrokenCatalogue : public ::testing::TestWithParam<Broken> {};
INSTANTIATE_TEST_SUITE_P(
    Faults, BrokenCatalogue,
    ::testing::Values(
        Broken{"MissingField", "    title: Redis\n", "", "redis.title: missing"},
        Broken{"MisspeltField", "title: Redis", "titel: Redis", "redis.title: missing"},
        Broken{"UnknownField", "title: Redis\n", "title: Redis\n    colour: red\n",
               "redis.colour: unknown field"},
        Broken{"UnknownMode", "defaultMode: prefer", "defaultMode: preferred",
               "postgresql.defaultMode: no such mode"},
        Broken{"UnknownNameRules", "names: libpq", "names: loose", "'loose' is not accepted"},
        Broken{"MissingSpelling", "      verify-full: sslmode=verify-full sslrootcert=FILE\n", "",
               "postgresql.spelling.verify-full: missing"},
        Broken{"MissingEngine", "  etcd:\n", "  zookeeper:\n", "etcd: missing"},
        Broken{"NoSuchPort", "port: 5432", "port: 99999", "line"},
        Broken{"MissingPorts", "    ports: {plain: [3306], tls: [3306]}\n", "", "mysql.ports: missing"},
        Broken{"NoReload", "    reloads:\n      - versions: '>=10'",
               "    reloads: []\n    other:\n      - versions: '>=10'", "postgresql.reloads: empty"},
        Broken{"ReloadVersions", "versions: '>=10'", "versions: '>=ten'", "postgresql.reloads.versions: "},
        Broken{"ReloadWithoutCost", "        cost: New connections get", "        price: New connections get",
               "postgresql.reloads.cost: missing"},
        Broken{"ReloadWithoutTool", "        tool: psql as superuser", "        tool: ''",
               "postgresql.reloads: a command and the tool for it come together"},
        Broken{"NotYaml", "engines:", "engines: [", "line"}),
    [](const auto& param) { return param.param.behaviour; });

TEST_P(BrokenCatalogue, IsRefusedByNameOfEngineAndField) {
  const auto parsed = parse_engine_catalogue(altered(GetParam().from, GetParam().to));
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr(GetParam().message));
}

}  // namespace
}  // namespace tlswarden::resource

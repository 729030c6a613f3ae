#include "resource/client_catalogue.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "schema/embedded.hpp"

namespace tlswarden::resource {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

class ClientsOf : public ::testing::TestWithParam<Engine> {};
INSTANTIATE_TEST_SUITE_P(Engines, ClientsOf, ::testing::ValuesIn(kAllEngines),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST_P(ClientsOf, BeginWithACommandLine) {
  const auto clients = clients_of(GetParam());
  ASSERT_FALSE(clients.empty());
  EXPECT_EQ(clients.front()->kind, "command line");
}

TEST_P(ClientsOf, ShareNoName) {
  std::set<std::string> words;
  for (const ClientFacts* client : clients_of(GetParam())) {
    EXPECT_TRUE(words.insert(client->id).second) << client->id;
    for (const std::string& alias : client->aliases)
      EXPECT_TRUE(words.insert(alias).second) << alias;
  }
}

TEST_P(ClientsOf, HaveEveryModeOrWhatIsNearestToIt) {
  for (const ClientFacts* client : clients_of(GetParam())) {
    for (const TlsMode mode : kAllModes) {
      const TlsMode given = client->effective(mode);
      EXPECT_TRUE(client->spelling.at(static_cast<std::size_t>(given))) << client->id;
      // A weaker one in its place is only for clients that cannot compare names, or cannot force encryption.
      if (given < mode) {
        EXPECT_FALSE(client->notes.at(static_cast<std::size_t>(mode)).empty()) << client->id;
      }
    }
  }
}

std::vector<std::string> ids_of(Engine engine) {
  std::vector<std::string> ids;
  for (const ClientFacts* client : clients_of(engine))
    ids.push_back(client->id);
  return ids;
}

TEST(ClientCatalogue, CoversTheLanguagesThatPeopleUse) {
  for (const Engine engine : {Engine::kPostgresql, Engine::kRedshift, Engine::kCockroachdb}) {
    EXPECT_THAT(ids_of(engine),
                IsSupersetOf({"psql", "libpq-uri", "jdbc", "dotnet", "psycopg2", "psycopg", "sqlalchemy",
                              "django", "asyncpg", "node-pg", "go-pgx", "go-pq", "ruby-pg", "pdo", "odbc"}));
  }
  for (const Engine engine : {Engine::kMysql, Engine::kMariadb}) {
    EXPECT_THAT(ids_of(engine), IsSupersetOf({"my.cnf", "mysqli", "pdo", "jdbc", "mariadb-jdbc", "dotnet",
                                              "mysql-connector-python", "pymysql", "django", "node-mysql2",
                                              "go-sql-driver", "ruby-mysql2", "odbc"}));
  }
  EXPECT_THAT(ids_of(Engine::kSqlserver),
              IsSupersetOf({"freetds", "sqlcmd", "jdbc", "dotnet", "node-tedious", "go-mssqldb", "odbc",
                            "pyodbc", "pymssql", "tiny_tds", "sqlsrv"}));
  EXPECT_THAT(ids_of(Engine::kMongodb),
              IsSupersetOf({"mongosh", "uri", "pymongo", "node-mongodb", "java", "go", "dotnet"}));
  EXPECT_THAT(ids_of(Engine::kRedis),
              IsSupersetOf({"redis-cli", "redis-py", "ioredis", "node-redis", "go-redis", "jedis", "lettuce",
                            "stackexchange", "phpredis", "redis-rb"}));
  EXPECT_THAT(ids_of(Engine::kClickhouse), IsSupersetOf({"clickhouse-client", "curl", "clickhouse-driver",
                                                         "clickhouse-connect", "jdbc", "go"}));
  EXPECT_THAT(ids_of(Engine::kCassandra), IsSupersetOf({"cqlsh", "python-driver", "java", "node", "gocql"}));
  EXPECT_THAT(ids_of(Engine::kOracle),
              IsSupersetOf({"sqlplus", "jdbc", "python-oracledb", "node-oracledb", "dotnet"}));
  EXPECT_THAT(ids_of(Engine::kEtcd), IsSupersetOf({"etcdctl", "curl", "go", "python-etcd3"}));
}

TEST(ClientCatalogue, SaysWhereAClientIsLooserThanItsMode) {
  for (const ClientFacts* client : clients_of(Engine::kMariadb)) {
    if (client->id == "mariadb") {
      EXPECT_THAT(client->notes.at(static_cast<std::size_t>(TlsMode::kRequire)), HasSubstr("plaintext"));
    }
  }
  for (const ClientFacts* client : clients_of(Engine::kRedis)) {
    if (client->id == "redis-cli") {
      EXPECT_EQ(client->effective(TlsMode::kVerifyFull), TlsMode::kVerifyCa);
    }
  }
}

constexpr std::string_view kClient = R"(clients:
  - id: psql
    title: psql
    kind: command line
    engines: [postgresql]
    modes: {disable: a, require: b, verify-ca: c, verify-full: d}
    nearest: {prefer: require}
    where: In a shell
    quoting: shell
    text: psql {{mode}}
)";

struct Broken {
  const char* behaviour;
  const char* from;
  const char* to;
  const char* message;
};

class BrokenClients : public ::testing::TestWithParam<Broken> {};
INSTANTIATE_TEST_SUITE_P(
    Faults, BrokenClients,
    ::testing::Values(Broken{"MissingField", "    title: psql\n", "", "psql.title: missing"},
                      Broken{"UnknownField", "kind:", "sort:", "psql.sort: unknown field"},
                      Broken{"UnknownEngine", "[postgresql]", "[postgres]", "'postgres' is no engine"},
                      Broken{"NoEngine", "[postgresql]", "[]", "psql.engines: empty"},
                      Broken{"UnknownMode", "verify-ca: c", "verify_ca: c", "'verify_ca' is no mode"},
                      Broken{"MissingMode", "verify-ca: c, ", "", "psql.modes.verify-ca: either"},
                      Broken{"ModeTwice", "{prefer: require}", "{prefer: require, require: disable}",
                             "psql.modes.require: either"},
                      Broken{"NearestOfNearest", "require: b, verify-ca: c, verify-full: d}\n    nearest: {",
                             "verify-ca: c, verify-full: d}\n    nearest: {require: verify-ca, ",
                             "psql.modes.prefer: what is named as nearest"},
                      Broken{"NoList", "clients:", "customers:", "clients: missing"},
                      Broken{"NotYaml", "clients:", "clients: [", "line"}),
    [](const auto& param) { return param.param.behaviour; });

TEST_P(BrokenClients, AreRefusedByNameOfClientAndField) {
  std::string text(kClient);
  ASSERT_TRUE(parse_client_catalogue(text));
  const std::size_t at = text.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string_view(GetParam().from).size(), GetParam().to);
  const auto parsed = parse_client_catalogue(text);
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr(GetParam().message));
}

TEST(ClientCatalogue, RefusesTwoClientsOfOneName) {
  std::string text(kClient);
  text += text.substr(text.find('\n') + 1);
  const auto parsed = parse_client_catalogue(text);
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().message, HasSubstr("postgresql has 'psql' twice"));
}

}  // namespace
}  // namespace tlswarden::resource

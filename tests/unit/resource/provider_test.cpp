#include "resource/provider.hpp"

#include <gmock/gmock.h>

#include <set>

#include "resource/provider_catalogue.hpp"
#include "schema/embedded.hpp"

namespace tlswarden::resource {
namespace {

struct Host {
  Engine engine;
  const char* host;
  const char* id;  ///< nullptr: of no service
};

class ProviderByHost : public testing::TestWithParam<Host> {};

TEST_P(ProviderByHost, is_inferred) {
  const Host& c = GetParam();
  const ProviderFacts* found = infer_provider(c.engine, c.host);
  if (c.id == nullptr) {
    EXPECT_EQ(found, nullptr) << found->id;
  } else {
    ASSERT_NE(found, nullptr) << c.host;
    EXPECT_EQ(found->id, c.id);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Hosts, ProviderByHost,
    testing::Values(
        Host{Engine::kPostgresql, "mydb.c9akciq32.us-east-1.rds.amazonaws.com", "aws-rds"},
        Host{Engine::kMysql, "mydb.c9akciq32.us-east-1.rds.amazonaws.com", "aws-rds"},
        Host{Engine::kMariadb, "mydb.c9akciq32.us-east-1.rds.amazonaws.com", "aws-rds"},
        Host{Engine::kSqlserver, "mydb.c9akciq32.us-east-1.rds.amazonaws.com", "aws-rds"},
        Host{Engine::kPostgresql, "app.cluster-c9akciq32.eu-west-1.rds.amazonaws.com", "aws-aurora"},
        Host{Engine::kMysql, "app.cluster-ro-c9akciq32.eu-west-1.rds.amazonaws.com", "aws-aurora"},
        Host{Engine::kRedshift, "dw.abc123.us-east-1.redshift.amazonaws.com", "aws-redshift"},
        Host{Engine::kRedis, "master.cache.abc123.use1.cache.amazonaws.com", "aws-elasticache"},
        Host{Engine::kPostgresql, "0123.abcd.europe-west1.sql.goog", "google-cloud-sql"},
        Host{Engine::kSqlserver, "0123.abcd.europe-west1.sql.goog", "google-cloud-sql"},
        Host{Engine::kSqlserver, "myserver.database.windows.net", "azure-sql"},
        Host{Engine::kSqlserver, "MyServer.Database.Windows.NET.", "azure-sql"},
        Host{Engine::kMysql, "myserver.mysql.database.azure.com", "azure-database"},
        Host{Engine::kPostgresql, "myserver.postgres.database.azure.com", "azure-database"},
        Host{Engine::kPostgresql, "db.abcdefgh.supabase.co", "supabase"},
        Host{Engine::kPostgresql, "aws-0-eu-central-1.pooler.supabase.com", "supabase"},
        Host{Engine::kPostgresql, "ep-cool-1234.eu-central-1.aws.neon.tech", "neon"},
        Host{Engine::kMysql, "aws.connect.psdb.cloud", "planetscale"},
        Host{Engine::kMongodb, "cluster0.abcde.mongodb.net", "mongodb-atlas"},
        Host{Engine::kRedis, "redis-12345.c1.us-east-1-2.ec2.redns.redis-cloud.com", "redis-cloud"},
        Host{Engine::kRedis, "redis-12345.c1.us-east-1-2.ec2.cloud.redislabs.com", "redis-cloud"},
        Host{Engine::kRedis, "eu1-able-cat-12345.upstash.io", "upstash"},
        Host{Engine::kCassandra, "0123-eu-west-1.db.astra.datastax.com", "datastax-astra"},
        Host{Engine::kOracle, "adb.eu-frankfurt-1.oraclecloud.com", "oracle-autonomous"},
        Host{Engine::kClickhouse, "abc123.eu-west-1.aws.clickhouse.cloud", "clickhouse-cloud"},
        Host{Engine::kMysql, "bj-cdb-abc123.sql.tencentcdb.com", "tencentdb-mysql"},
        Host{Engine::kSqlserver, "mssql-abc123.sql.tencentcdb.com", "tencentdb-sqlserver"},
        // Another engine than the service runs, a name that only resembles it, a host of nobody's.
        Host{Engine::kMongodb, "mydb.c9akciq32.us-east-1.rds.amazonaws.com", nullptr},
        Host{Engine::kPostgresql, "rds.amazonaws.com.example.org", nullptr},
        Host{Engine::kPostgresql, "ec2-3-4-5-6.compute-1.amazonaws.com", nullptr},
        Host{Engine::kPostgresql, "neon.tech", nullptr}, Host{Engine::kPostgresql, "10.0.0.7", nullptr},
        Host{Engine::kPostgresql, "", nullptr}));

TEST(Provider, declared_goes_before_the_host) {
  EndpointSpec spec;
  spec.engine = Engine::kPostgresql;
  spec.host = "db.abcdefgh.supabase.co";
  EXPECT_EQ(provider_of(spec)->id, "supabase");
  spec.provider = "heroku-postgres";
  EXPECT_EQ(provider_of(spec)->id, "heroku-postgres");
  spec.provider = "our-own-cloud";
  EXPECT_EQ(provider_of(spec), nullptr);
}

TEST(Provider, every_entry_says_where_its_trust_comes_from) {
  std::set<std::string> titles;
  for (const ProviderFacts& facts : all_providers()) {
    SCOPED_TRACE(facts.id);
    EXPECT_TRUE(titles.insert(facts.title).second);
    EXPECT_EQ(facts.trust == ProviderTrust::kBundle, !facts.ca_file.empty());
    EXPECT_EQ(facts.ca_file.empty(), facts.ca_download.empty());
    EXPECT_TRUE(facts.source.starts_with("https://"));
    EXPECT_EQ(facts.rotation.command.empty(), facts.rotation.tool.empty());
    // What restarts an instance is somebody's decision.
    EXPECT_TRUE(facts.rotation.restart == RestartImpact::kNever || !facts.rotation.command.empty());
    for (const std::string* text : {&facts.life, &facts.change, &facts.names})
      EXPECT_TRUE(text->ends_with('.')) << *text;
  }
}

TEST(Provider, advised_mode_is_the_strongest_that_its_certificates_allow) {
  EXPECT_EQ(advised_mode(*find_provider("aws-rds")), TlsMode::kVerifyFull);
  EXPECT_EQ(advised_mode(*find_provider("heroku-postgres")), TlsMode::kRequire);
}

TEST(ProviderCatalogue, names_the_entry_and_the_field_that_is_wrong) {
  const auto message = [](const std::string& change_from, const std::string& change_to) {
    std::string text(schema::providers());
    const auto at = text.find(change_from);
    EXPECT_NE(at, std::string::npos) << change_from;
    text.replace(at, change_from.size(), change_to);
    const auto result = parse_provider_catalogue(text);
    return result ? std::string("accepted") : result.error().message;
  };
  EXPECT_EQ(message("tls: offered", "tls: maybe"), "aws-aurora.tls: 'maybe' is not accepted");
  EXPECT_EQ(message("title: Amazon Aurora", "titel: Amazon Aurora"), "aws-aurora.title: missing");
  EXPECT_EQ(message("engines: [postgresql, mysql]", "engines: [postgres]"),
            "aws-aurora.engines: 'postgres' is no engine");
  EXPECT_EQ(message("trust: bundle", "trust: wallet"), "aws-aurora.ca.trust: 'wallet' is not accepted");
  EXPECT_EQ(message("    tls: offered", "    color: blue\n    tls: offered"),
            "aws-aurora.color: unknown field");
  EXPECT_FALSE(parse_provider_catalogue("providers: [").has_value());
}

}  // namespace
}  // namespace tlswarden::resource

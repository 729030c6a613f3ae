#include "cli/explain_client.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/command_line.hpp"
#include "surroundings_for_test.hpp"
#include "temporary_directory.hpp"

namespace tlswarden::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kManifest = R"(apiVersion: tlswarden.dev/v1alpha1
kind: DatabaseEndpoint
metadata: {name: orders}
spec:
  engine: postgresql
  host: db.internal
  tls:
    mode: verify-full
    ca: {file: /etc/ca.pem}
  auth:
    username: {value: app}
    password: {secretKeyRef: {name: orders-login, key: password}}
---
apiVersion: v1
kind: Secret
metadata: {name: orders-login}
stringData: {password: hunter2-hunter2}
)";

class ExplainClient : public SurroundingsForTest {
 protected:
  int explain(std::vector<std::string> arguments, std::string_view manifest = kManifest) {
    arguments.insert(arguments.begin(),
                     {"explain", "client", "-f", directory_.write("endpoint.yaml", manifest)});
    return run_command_line(arguments, surroundings());
  }

  TemporaryDirectory directory_;
};

TEST_F(ExplainClient, PrintsEveryClientItsOwnCommandLineFirst) {
  EXPECT_EQ(explain({}), 0) << err();
  EXPECT_THAT(out(), StartsWith("orders: PostgreSQL at db.internal port 5432, mode verify-full\n"));
  EXPECT_LT(out().find("\n[psql] "), out().find("\n[jdbc] "));
  EXPECT_THAT(out(), HasSubstr("\n[odbc] "));
  EXPECT_THAT(out(),
              HasSubstr("\nENVIRONMENT\nVARIABLE     HOLDS\nDB_PASSWORD  the account's password (Secret "
                        "orders-login, key password)\n"));
}

TEST_F(ExplainClient, PrintsOneAloneByIdOrByAnotherWordForIt) {
  EXPECT_EQ(explain({"--for", "psql"}), 0);
  EXPECT_THAT(
      out(),
      HasSubstr("\nIn a shell:\n\nPGPASSWORD=\"$DB_PASSWORD\" psql 'host=db.internal port=5432 user=app "
                "sslmode=verify-full sslrootcert=/etc/ca.pem ssl_min_protocol_version=TLSv1.2'\n"));
  EXPECT_THAT(out(), Not(HasSubstr("[jdbc]")));
}

TEST_F(ExplainClient, UnderstandsAliases) {
  EXPECT_EQ(explain({"--for", "Npgsql"}), 0);
  EXPECT_THAT(out(), HasSubstr("\n[dotnet] Npgsql\n"));
}

TEST_F(ExplainClient, NeverPrintsASecret) {
  EXPECT_EQ(explain({}), 0);
  EXPECT_EQ(explain({"-o", "json"}), 0);
  EXPECT_THAT(out(), Not(HasSubstr("hunter2")));
}

TEST_F(ExplainClient, TakesAnotherMode) {
  EXPECT_EQ(explain({"--for", "node-pg", "--mode", "prefer"}), 0);
  EXPECT_THAT(out(), HasSubstr("mode prefer\n"));
  EXPECT_THAT(
      out(),
      HasSubstr("Note: It has no mode prefer; this asks for the nearest, require, which is stricter.\n"));
}

TEST_F(ExplainClient, AnswersAnUnknownClientWithThoseThereAre) {
  EXPECT_EQ(explain({"--for", "psqql"}), 3);
  EXPECT_EQ(out(), "");
  EXPECT_THAT(err(), HasSubstr("PostgreSQL has no client 'psqql' here; use one of psql, libpq-uri, jdbc, "));
  EXPECT_THAT(err(), HasSubstr("; did you mean psql?"));
}

TEST_F(ExplainClient, RefusesAnUnknownModeAndFormat) {
  EXPECT_EQ(explain({"--mode", "verify"}), 3);
  EXPECT_EQ(explain({"-o", "yaml"}), 3);
  EXPECT_EQ(out(), "");
}

TEST_F(ExplainClient, PrintsJsonForPrograms) {
  EXPECT_EQ(explain({"--for", "psql", "-o", "json"}), 0);
  const auto json = nlohmann::json::parse(out());
  const auto& answer = json["items"][0];
  EXPECT_EQ(answer["endpoint"], "default/orders");
  EXPECT_EQ(answer["engine"], "postgresql");
  EXPECT_EQ(answer["mode"], "verify-full");
  ASSERT_EQ(answer["clients"].size(), 1U);
  const auto& client = answer["clients"][0];
  EXPECT_EQ(client["id"], "psql");
  EXPECT_EQ(client["hasMode"], true);
  EXPECT_EQ(client["parts"][0]["where"], "In a shell");
  EXPECT_EQ(client["environment"][0]["name"], "DB_PASSWORD");
}

TEST_F(ExplainClient, FindsFilesFromWhereTheManifestIs) {
  std::string manifest(kManifest);
  manifest.replace(manifest.find("/etc/ca.pem"), 11, "pki/ca.pem");
  EXPECT_EQ(explain({"--for", "psql"}, manifest), 0);
  EXPECT_THAT(out(), HasSubstr(" sslrootcert=" + directory_.path() + "/pki/ca.pem "));
}

TEST_F(ExplainClient, WantsAManifest) {
  EXPECT_EQ(run_command_line({"explain", "client"}, surroundings()), 3);
  EXPECT_THAT(err(), HasSubstr("name the endpoint's manifest: client -f FILE"));
}

TEST_F(ExplainClient, ReportsAManifestThatCannotBeUnderstood) {
  EXPECT_EQ(explain({}, "kind: DatabaseEndpoint\n"), 3);
  EXPECT_EQ(out(), "");
}

TEST_F(ExplainClient, OptionsGoWithThisTopicAlone) {
  EXPECT_EQ(run_command_line({"explain", "engine/mysql", "--for", "psql"}, surroundings()), 3);
  EXPECT_THAT(err(), HasSubstr("-f, --for, --mode and -o go with the topic client alone"));
}

TEST_F(ExplainClient, LeavesErrorMessagesThatBeginWithTheWordToTheReasons) {
  EXPECT_EQ(run_command_line({"explain", "client", "certificate", "required"}, surroundings()), 0) << err();
  EXPECT_THAT(out(), StartsWith("ClientCertificateRequired\n"));
}

}  // namespace
}  // namespace tlswarden::cli

#include "cli/client_text.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "cli/quoting.hpp"

namespace tlswarden::cli {
namespace {

using resource::ClientFacts;
using resource::DatabaseEndpoint;
using resource::Engine;
using resource::Reference;
using resource::TlsMode;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Reference file(const std::string& path) {
  return {Reference::Kind::kFile, "", "", path, nullptr};
}
Reference secret(const std::string& name, const std::string& key) {
  return {Reference::Kind::kSecretKey, name, key, "", nullptr};
}
Reference value(const std::string& text) {
  return {Reference::Kind::kValue, "", "", text, nullptr};
}

/// With everything declared that a client may be told.
DatabaseEndpoint endpoint_of(Engine engine) {
  DatabaseEndpoint endpoint;
  endpoint.metadata.name = "orders";
  endpoint.spec.engine = engine;
  endpoint.spec.host = "db.internal";
  endpoint.spec.port = 4711;
  endpoint.spec.tls.ca = file("/etc/ca.pem");
  endpoint.spec.tls.client_certificate = file("/etc/client.crt");
  endpoint.spec.tls.client_key = file("/etc/client.key");
  endpoint.spec.tls.client_key_passphrase = secret("orders-key", "passphrase");
  endpoint.spec.auth = {value("app"), secret("orders-login", "password"), "shop"};
  return endpoint;
}

std::string all_text(const ClientText& text) {
  std::string all;
  for (const ClientText::Part& part : text.parts)
    all += part.where + ":\n" + part.text;
  return all;
}

std::string text_for(const DatabaseEndpoint& endpoint, const std::string& id, TlsMode mode) {
  for (const ClientFacts* client : resource::clients_of(endpoint.spec.engine)) {
    if (client->id == id) return all_text(write_client(*client, client_setup(endpoint), mode));
  }
  return "there is no client " + id;
}

class EveryClient : public ::testing::TestWithParam<Engine> {
 protected:
  /// For each client of the engine and each mode.
  template <class Check>
  void each(const DatabaseEndpoint& endpoint, const Check& check) {
    const ClientSetup setup = client_setup(endpoint);
    for (const ClientFacts* client : resource::clients_of(GetParam())) {
      for (const TlsMode mode : resource::kAllModes) {
        SCOPED_TRACE(client->id + ", " + std::string(to_string(mode)));
        check(*client, mode, write_client(*client, setup, mode));
      }
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, EveryClient, ::testing::ValuesIn(resource::kAllEngines),
                         [](const auto& param) { return std::string(to_string(param.param)); });

TEST_P(EveryClient, IsWrittenInEveryModeWithoutAPlaceholderLeft) {
  each(endpoint_of(GetParam()), [](const ClientFacts&, TlsMode, const ClientText& text) {
    const std::string all = all_text(text);
    ASSERT_FALSE(text.parts.empty()) << ::testing::PrintToString(text.notes);
    EXPECT_THAT(all, Not(HasSubstr("{{")));
    EXPECT_THAT(all, HasSubstr("4711"));
  });
}

TEST_P(EveryClient, IsWrittenForAnEndpointThatDeclaresNothing) {
  DatabaseEndpoint bare;
  bare.metadata.name = "orders";
  bare.spec.engine = GetParam();
  bare.spec.host = "db.internal";
  bare.spec.port = 4711;
  each(bare, [](const ClientFacts&, TlsMode, const ClientText& text) {
    ASSERT_FALSE(text.parts.empty()) << ::testing::PrintToString(text.notes);
    EXPECT_THAT(all_text(text), Not(HasSubstr("{{")));
  });
}

TEST_P(EveryClient, IsWrittenForAServerNameAndTheOldestAndNewestVersions) {
  DatabaseEndpoint endpoint = endpoint_of(GetParam());
  endpoint.spec.host = "10.0.0.5";
  endpoint.spec.tls.server_name = "orders.db.example";
  for (const auto version : {resource::TlsVersion::kTls10, resource::TlsVersion::kTls13}) {
    endpoint.spec.tls.min_version = version;
    each(endpoint, [](const ClientFacts& client, TlsMode mode, const ClientText& text) {
      ASSERT_FALSE(text.parts.empty()) << ::testing::PrintToString(text.notes);
      if (client.effective(mode) == TlsMode::kVerifyFull) {
        EXPECT_THAT(all_text(text), HasSubstr("orders.db.example"));
      }
    });
  }
}

TEST_P(EveryClient, DiffersBetweenModesOrSaysSo) {
  const ClientSetup setup = client_setup(endpoint_of(GetParam()));
  for (const ClientFacts* client : resource::clients_of(GetParam())) {
    for (const TlsMode a : resource::kAllModes) {
      for (const TlsMode b : resource::kAllModes) {
        if (a >= b) continue;
        const ClientText one = write_client(*client, setup, a), other = write_client(*client, setup, b);
        EXPECT_TRUE(all_text(one) != all_text(other) || one.notes != other.notes)
            << client->id << ": " << to_string(a) << " and " << to_string(b);
      }
    }
  }
}

TEST_P(EveryClient, SaysWhatStandsInPlaceOfAModeThatItLacks) {
  each(endpoint_of(GetParam()), [](const ClientFacts& client, TlsMode mode, const ClientText& text) {
    const bool lacks = client.effective(mode) != mode;
    EXPECT_EQ(lacks, !text.notes.empty() && text.notes.front().starts_with("It has no mode"));
    EXPECT_EQ(text.mode, client.effective(mode));
  });
}

TEST_P(EveryClient, IsToldNothingOfTlsInDisable) {
  each(endpoint_of(GetParam()), [](const ClientFacts&, TlsMode, const ClientText& text) {
    if (text.mode != TlsMode::kDisable) return;
    for (const char* material : {"/etc/ca.pem", "/etc/client.crt", "/etc/client.key", "KEY_PASSPHRASE"})
      EXPECT_THAT(all_text(text), Not(HasSubstr(material)));
  });
}

TEST_P(EveryClient, NamesTheCaWhereItVerifies) {
  each(endpoint_of(GetParam()), [](const ClientFacts&, TlsMode, const ClientText& text) {
    if (text.mode >= TlsMode::kVerifyCa) {
      EXPECT_THAT(all_text(text), HasSubstr("/etc/ca.pem"));
    }
  });
}

TEST_P(EveryClient, KeepsHostileValuesInTheirPlaces) {
  DatabaseEndpoint endpoint = endpoint_of(GetParam());
  const std::string hostile = "x'; \"$(touch /tmp/pwned)`\\ #{exit};sslmode=disable}\n<a>";
  endpoint.spec.auth->username = value(hostile);
  endpoint.spec.auth->database = hostile;
  endpoint.spec.tls.ca = file("/etc/" + hostile);
  const ClientSetup setup = client_setup(endpoint);
  for (const ClientFacts* client : resource::clients_of(GetParam())) {
    for (const TlsMode mode : resource::kAllModes) {
      const ClientText text = write_client(*client, setup, mode);
      EXPECT_THAT(all_text(text), Not(HasSubstr(hostile + ";"))) << client->id;
      if (text.parts.empty()) {
        EXPECT_THAT(text.notes, Contains(HasSubstr("cannot be written here")));
      }
    }
  }
}

TEST_P(EveryClient, HasASpellingForTheTableOfItsEngine) {
  for (const ClientFacts* client : resource::clients_of(GetParam())) {
    for (const TlsMode mode : resource::kAllModes) {
      if (client->spelling.at(static_cast<std::size_t>(mode)).value_or("").empty()) continue;
      const std::string words = spelling_in_words(*client, mode);
      EXPECT_THAT(words, Not(HasSubstr("{{"))) << client->id;
      EXPECT_THAT(words, Not(HasSubstr("\n"))) << client->id;
    }
  }
}

TEST_P(EveryClient, NamesKnownQuotingsAlone) {
  for (const ClientFacts* client : resource::clients_of(GetParam())) {
    for (const resource::ClientPart& part : client->parts)
      EXPECT_TRUE(is_quoting(part.quoting)) << client->id << ": " << part.quoting;
  }
}

TEST(ClientText, IsOneShellWordForPsql) {
  DatabaseEndpoint endpoint = endpoint_of(Engine::kPostgresql);
  endpoint.spec.tls.client_certificate.reset();
  EXPECT_EQ(text_for(endpoint, "psql", TlsMode::kVerifyFull),
            "In a shell:\nPGPASSWORD=\"$DB_PASSWORD\" psql 'host=db.internal port=4711 user=app dbname=shop "
            "sslmode=verify-full sslrootcert=/etc/ca.pem ssl_min_protocol_version=TLSv1.2'\n");
}

TEST(ClientText, ConnectsByAddressWhereTheClientCan) {
  DatabaseEndpoint endpoint = endpoint_of(Engine::kPostgresql);
  endpoint.spec.host = "10.0.0.5";
  endpoint.spec.tls.server_name = "orders.db.example";
  EXPECT_THAT(text_for(endpoint, "psql", TlsMode::kVerifyFull),
              HasSubstr("host=orders.db.example hostaddr=10.0.0.5 "));
  EXPECT_THAT(text_for(endpoint, "psql", TlsMode::kDisable), HasSubstr("host=10.0.0.5 port"));
}

TEST(ClientText, WritesTheServerNameAsHostWhereThereIsNoOtherWay) {
  DatabaseEndpoint endpoint = endpoint_of(Engine::kMysql);
  endpoint.spec.tls.server_name = "orders.db.example";
  const ClientSetup setup = client_setup(endpoint);
  const ClientFacts& mysql = *resource::clients_of(Engine::kMysql).front();
  const ClientText full = write_client(mysql, setup, TlsMode::kVerifyFull);
  EXPECT_THAT(all_text(full), HasSubstr("--host=orders.db.example "));
  EXPECT_THAT(full.notes, Contains(HasSubstr("orders.db.example must lead to db.internal")));
  EXPECT_THAT(all_text(write_client(mysql, setup, TlsMode::kRequire)), HasSubstr("--host=db.internal "));
}

TEST(ClientText, WithoutACaTrustsTheSystem) {
  DatabaseEndpoint endpoint = endpoint_of(Engine::kPostgresql);
  endpoint.spec.tls.ca.reset();
  EXPECT_THAT(text_for(endpoint, "psql", TlsMode::kVerifyFull),
              HasSubstr("sslrootcert=/etc/ssl/certs/ca-certificates.crt"));
  EXPECT_THAT(text_for(endpoint, "node-pg", TlsMode::kVerifyFull), Not(HasSubstr("ca:")));
}

TEST(ClientText, MakesAKeyStoreFirstForJava) {
  const std::string text = text_for(endpoint_of(Engine::kMysql), "jdbc", TlsMode::kVerifyFull);
  EXPECT_THAT(text, HasSubstr("keytool -importcert -noprompt -alias ca -file /etc/ca.pem -keystore "
                              "orders-truststore.p12 -storetype PKCS12"));
  EXPECT_THAT(
      text,
      HasSubstr("openssl pkcs12 -export -name client -in /etc/client.crt -inkey /etc/client.key -passin "
                "env:KEY_PASSPHRASE -out orders-keystore.p12 -passout env:STORE_PASSWORD"));
}

TEST(ClientText, SaysThatAValueCannotBeWritten) {
  DatabaseEndpoint endpoint = endpoint_of(Engine::kMariadb);
  endpoint.spec.tls.ca = file("/etc/a;b.pem");
  const ClientSetup setup = client_setup(endpoint);
  for (const ClientFacts* client : resource::clients_of(Engine::kMariadb)) {
    if (client->id != "my.cnf") continue;
    const ClientText text = write_client(*client, setup, TlsMode::kVerifyFull);
    EXPECT_TRUE(text.parts.empty());
    EXPECT_THAT(text.notes,
                ElementsAre("What the endpoint declares cannot be written here: '/etc/a;b.pem' cannot be "
                            "written there."));
  }
}

TEST(ClientSetup, NamesTheFilesThatAreNotOnDiskYetAndHowToGetThem) {
  DatabaseEndpoint endpoint = endpoint_of(Engine::kPostgresql);
  endpoint.spec.tls.ca = {Reference::Kind::kConfigMapKey, "orders-ca", "ca.crt", "", nullptr};
  endpoint.spec.tls.client_certificate = secret("orders-client", "tls.crt");
  endpoint.spec.tls.client_key = {Reference::Kind::kEnv, "", "", "CLIENT_KEY", nullptr};
  const ClientSetup setup = client_setup(endpoint);
  ASSERT_EQ(setup.files.size(), 3U);
  EXPECT_EQ(setup.files[0].path, "orders-ca.pem");
  EXPECT_EQ(setup.files[0].source, "ConfigMap orders-ca, key ca.crt");
  EXPECT_EQ(setup.files[0].command,
            "kubectl get configmap -n default orders-ca -o go-template='{{index .data \"ca.crt\"}}' > "
            "orders-ca.pem");
  EXPECT_EQ(setup.files[1].command,
            "kubectl get secret -n default orders-client -o go-template='{{index .data \"tls.crt\" | "
            "base64decode}}' "
            "> orders-client.crt");
  EXPECT_EQ(setup.files[2].command, "printenv CLIENT_KEY > orders-client.key");
}

TEST(ClientSetup, TurnsKeyStoresIntoPem) {
  DatabaseEndpoint endpoint = endpoint_of(Engine::kPostgresql);
  endpoint.spec.tls.ca = file("/etc/chain.p7b");
  EXPECT_EQ(client_setup(endpoint).files.front().command,
            "openssl pkcs7 -print_certs -in /etc/chain.p7b > orders-ca.pem");
  endpoint.spec.tls.ca = file("/etc/trust.jks");
  EXPECT_EQ(client_setup(endpoint).files.front().command,
            "keytool -list -rfc -keystore /etc/trust.jks > orders-ca.pem");
  endpoint.spec.tls.client_certificate = file("/etc/client.p12");
  endpoint.spec.tls.client_key.reset();
  EXPECT_EQ(client_setup(endpoint).files.back().command,
            "openssl pkcs12 -nocerts -noenc -in /etc/client.p12 > orders-client.key");
}

TEST(ClientSetup, LeavesANameThatASecretHoldsToTheReader) {
  DatabaseEndpoint endpoint = endpoint_of(Engine::kPostgresql);
  endpoint.spec.auth->username = secret("orders-login", "user");
  const ClientSetup setup = client_setup(endpoint);
  EXPECT_EQ(setup.values.at("user"), "USER");
  EXPECT_THAT(setup.remarks,
              ElementsAre("Write the account's name in place of USER (Secret orders-login, key user)."));
}

}  // namespace
}  // namespace tlswarden::cli

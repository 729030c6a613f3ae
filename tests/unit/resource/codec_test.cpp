#include "resource/codec.hpp"

#include <gmock/gmock.h>
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>

namespace tlswarden::resource {
namespace {

using Json = nlohmann::ordered_json;
using base::Seconds;
using base::WallTime;
using ::testing::HasSubstr;

/// Every field of the API reference, in its order.
const Json& full_document() {
  static const Json document = Json::parse(R"({
    "apiVersion": "tlswarden.dev/v1alpha1",
    "kind": "DatabaseEndpoint",
    "metadata": {"name": "orders", "namespace": "payments", "uid": "u-1", "generation": 3,
                 "labels": {"team": "payments"}, "annotations": {"note": "a b"}},
    "spec": {
      "engine": "mongodb", "host": "orders.db.internal", "srv": true, "port": 27018, "provider": "atlas",
      "addresses": "all",
      "tls": {"mode": "verify-full", "negotiation": "direct", "minVersion": "TLSv1.3", "serverName": "orders.example",
              "ca": {"secretKeyRef": {"name": "ca", "key": "ca.jks"}, "password": {"value": "tencentdb"}},
              "nextCA": {"configMapKeyRef": {"name": "next", "key": "ca.crt"}},
              "clientCertificate": {"file": "/etc/client.crt"}, "clientKey": {"env": "CLIENT_KEY"},
              "clientKeyPassphrase": {"secretKeyRef": {"name": "pass", "key": "phrase"}}},
      "auth": {"username": {"value": "probe"}, "password": {"env": "PGPASSWORD"}, "database": "orders"},
      "expectedServerVersion": ">=7.0",
      "servedCertificate": {"inline": "-----BEGIN CERTIFICATE-----\nMIIB\n"},
      "rotation": {"warnBefore": "25%", "criticalBefore": "14d", "leadTime": "1d",
                   "reloadGrace": "2h", "maintenanceWindows": [{"days": ["Sat"], "start": "02:00", "duration": "2h",
                                           "timeZone": "Europe/Berlin"}]},
      "tunnel": {"ssh": {"host": "bastion", "port": 2222, "user": "me", "key": {"file": "/id"},
                         "keyPassphrase": {"env": "P"}, "knownHosts": {"file": "/known"}}},
      "checkInterval": "1m30s", "timeout": "5s", "failureThreshold": 4,
      "plaintextCheck": {"enabled": false, "interval": "12h"},
      "legacyProtocolCheck": {"enabled": false, "interval": "6h"}, "suspend": true
    },
    "status": {"observedGeneration": -1, "conditions": []}
  })");
  return document;
}

TEST(EndpointCodec, WritesEveryFieldInTheOrderOfTheApiReference) {
  const auto endpoint = endpoint_from_json(full_document());
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_EQ(to_json(*endpoint).dump(1), full_document().dump(1));
}

TEST(EndpointCodec, ReadsDurationsSharesAndReferences) {
  const auto endpoint = endpoint_from_json(full_document());
  ASSERT_TRUE(endpoint);
  const EndpointSpec& spec = endpoint->spec;
  EXPECT_EQ(endpoint->key(), "payments/orders");
  EXPECT_EQ(spec.check_interval, Seconds{90});
  EXPECT_EQ(spec.rotation.warn_before->percent, 25);
  EXPECT_EQ(spec.rotation.critical_before->span, Seconds{14 * 86400});
  EXPECT_EQ(spec.tls.ca->kind, Reference::Kind::kSecretKey);
  ASSERT_TRUE(spec.tls.ca->password);
  EXPECT_EQ(spec.tls.ca->password->text, "tencentdb");
  EXPECT_EQ(spec.verified_name(), "orders.example");
}

TEST(EndpointCodec, FillsTheEnginesPortAndModeWhereTheSchemaHasNoDefaultForThem) {
  const auto endpoint = endpoint_from_json(Json::parse(
      R"({"metadata":{"name":"a"},"spec":{"engine":"mysql","host":"db","tls":{"minVersion":"TLSv1.2"}}})"));
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  EXPECT_EQ(endpoint->spec.port, 3306);
  EXPECT_EQ(endpoint->spec.tls.mode, TlsMode::kPrefer);
  EXPECT_EQ(endpoint->metadata.ns, "default");
}

class UnfitDocuments : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(
    Table, UnfitDocuments,
    ::testing::Values(
        R"({})", R"([])", R"({"metadata":{"name":"a"},"spec":{"host":"db"}})",
        R"({"metadata":{"name":"a"},"spec":{"engine":"dbase","host":"db"}})",
        R"({"metadata":{"name":"a"},"spec":{"engine":"mysql","host":"db","tls":{"mode":"Preferred"}}})",
        R"({"metadata":{"name":"a"},"spec":{"engine":"mysql","host":"db","timeout":"soon"}})",
        R"({"metadata":{"name":"a"},"spec":{"engine":"mysql","host":"db","tls":{"ca":{}}}})",
        R"({"metadata":{"name":"a"},"spec":{"engine":"mysql","host":"db","rotation":{"warnBefore":"%"}}})",
        R"({"metadata":{"name":7},"spec":{"engine":"mysql","host":"db"}})"));

TEST_P(UnfitDocuments, AreAnErrorAndNoException) {
  EXPECT_FALSE(endpoint_from_json(Json::parse(GetParam())));
}

EndpointStatus full_status() {
  constexpr WallTime kTime{Seconds{1'700'000'000}};
  EndpointStatus status;
  status.observed_generation = 3;
  status.conditions = {{condition::kReady, ConditionStatus::kFalse, "Reason", "message", kTime, 3},
                       {condition::kStalled, ConditionStatus::kUnknown, "Reason", "message", kTime, 3}};
  status.last_check_time = kTime;
  status.last_reached_time = kTime;
  status.server = {"15.4", "10.0.0.7", true, "TLSv1.3"};
  CertificateStatus leaf{"leaf", "CN=db", "CN=ca",      "01",     kTime, kTime,
                         "ab",   {"db"},  {"10.0.0.7"}, "EC-256", "x"};
  status.tls = TlsStatus{"TLSv1.3",   "TLS_AES_256_GCM_SHA384",
                         {leaf},      {leaf},
                         {"TLSv1.1"}, StapleStatus{RevocationAnswer::kGood, kTime, kTime}};
  status.mode = TlsMode::kRequire;
  status.modes = {{TlsMode::kDisable, RungOutcome::kRejected, "ServerRequiresTLS", "refused"},
                  {TlsMode::kVerifyFull, RungOutcome::kWorks, "", ""}};
  status.strongest_mode = TlsMode::kVerifyFull;
  status.expiry = Expiry{kTime, "intermediate", "CN=i", kTime, TimeWindow{kTime, kTime}};
  status.rotation =
      RotationStatus{RotationProgress::kWaitingForWindow, SeenRotation{kTime, "leaf", "ab", "cd"},
                     SeenRotation{kTime, "leaf", "cd", "ab"}, "ef"};
  status.served_certificate = DeclaredCertificateStatus{"ab", kTime, kTime};
  status.advice = {
      {"RotateServerCertificate", Urgency::kSoon, kTime, "CertificateExpiring", "Rotate.", {"A", "B"}}};
  MemberStatus member;
  member.address = "10.0.0.7:5432";
  member.sha256 = "cd";
  member.not_after = member.not_before = kTime;
  member.change = MemberChange{kTime, MemberTurn::kWentBack, "ab"};
  status.members = {member};
  return status;
}

TEST(StatusCodec, RoundTrips) {
  const Json written = status_to_json(full_status());
  const auto read = status_from_json(Json::parse(written.dump()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(same_meaning(*read, full_status()));
  EXPECT_EQ(status_to_json(*read), written);
}

TEST(StatusCodec, AnUnseenStatusIsTheSchemasDefaultGeneration) {
  EXPECT_EQ(status_to_json({}).dump(), R"({"observedGeneration":-1,"conditions":[]})");
  const auto read = status_from_json(Json::parse(R"({"observedGeneration":-1})"));
  ASSERT_TRUE(read);
  EXPECT_TRUE(same_meaning(*read, {}));
}

TEST(StatusCodec, IgnoresFieldsOfANewerBuild) {
  Json written = status_to_json(full_status());
  written["members"] = Json::array();
  written["tls"]["group"] = "X25519";
  EXPECT_TRUE(status_from_json(written));
}

TEST(StatusCodec, RefusesWhatIsBroken) {
  for (const char* text : {R"({"conditions":[{"type":"Ready","status":"Maybe"}]})", R"({"conditions":7})",
                           R"([])", R"({"lastCheckTime":"yesterday"})", R"({"modes":[{"mode":"require"}]})",
                           R"({"strongestMode":"tls"})", R"({"mode":"tls"})"}) {
    const auto read = status_from_json(Json::parse(text));
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message, HasSubstr("the stored status cannot be read"));
  }
}

TEST(Yaml, IsBlockStyleWithListsAtTheDepthOfTheirKey) {
  const Json document = Json::parse(
      R"({"a": {"b": [{"c": 1, "d": ["p", "q"]}, {"e": {}}], "f": []}, "g": true, "h": null, "i": [[1, 2], "z"]})");
  EXPECT_EQ(to_yaml(document), R"(a:
  b:
  - c: 1
    d:
    - p
    - q
  - e: {}
  f: []
g: true
h: null
i:
-
  - 1
  - 2
- z
)");
}

TEST(Yaml, ShowsPemAsALiteralBlock) {
  EXPECT_EQ(to_yaml(Json{{"ca", {{"inline", "-----BEGIN-----\nMIIB\n"}}}, {"two", "a\nb"}}), R"(ca:
  inline: |
    -----BEGIN-----
    MIIB
two: |-
  a
  b
)");
}

TEST(Yaml, QuotesWhatWouldBeReadAsSomethingElse) {
  const std::vector<std::string> texts{"",
                                       " ",
                                       "yes",
                                       "No",
                                       "on",
                                       "null",
                                       "~",
                                       "1",
                                       "15.4",
                                       "1e3",
                                       "0x1F",
                                       "12:30:45",
                                       "2026-03-01",
                                       "- x",
                                       "a: b",
                                       "a #b",
                                       "#x",
                                       "*alias",
                                       "&anchor",
                                       "!tag",
                                       "{a}",
                                       "[a]",
                                       "%x",
                                       "@x",
                                       "`x`",
                                       "\"q\"",
                                       "it's",
                                       "tab\there",
                                       "trailing ",
                                       " leading",
                                       "a\n\n",
                                       "\nfirst",
                                       "  two\nlines",
                                       "\x1b[31m",
                                       "ünïcode",
                                       "back\\slash",
                                       ">",
                                       "|",
                                       "?",
                                       "-",
                                       "=",
                                       "<<",
                                       "true",
                                       "host.example",
                                       "/etc/ca.pem",
                                       "TLS_AES_256_GCM_SHA384",
                                       ".5",
                                       "+1",
                                       "y"};
  for (const std::string& text : texts) {
    const std::string yaml = to_yaml(Json{{"key", text}});
    const YAML::Node node = YAML::Load(yaml)["key"];
    EXPECT_EQ(node.as<std::string>(), text) << yaml;
  }
  EXPECT_EQ(to_yaml(Json{{"key", "yes"}}), "key: \"yes\"\n");
  EXPECT_EQ(to_yaml(Json{{"key", "15.4"}}), "key: \"15.4\"\n");
}

TEST(Yaml, OfAResourceReadsBackAsTheSameDocument) {
  const auto endpoint = endpoint_from_json(full_document());
  const YAML::Node node = YAML::Load(to_yaml(to_json(*endpoint)));
  EXPECT_EQ(node["spec"]["servedCertificate"]["inline"].as<std::string>(),
            "-----BEGIN CERTIFICATE-----\nMIIB\n");
  EXPECT_EQ(node["spec"]["rotation"]["maintenanceWindows"][0]["start"].as<std::string>(), "02:00");
  EXPECT_EQ(node["status"]["observedGeneration"].as<int>(), -1);
}

}  // namespace
}  // namespace tlswarden::resource

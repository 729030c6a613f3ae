#include "resource/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/resource/manifest_fixture.hpp"

namespace tlswarden::resource {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

TEST(Manifest, reads_every_kind_from_one_text) {
  const Manifest manifest =
      parse_manifest(endpoint_document("orders", "{engine: mysql, host: db}") +
                         "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\n"
                         "data: {user: YXBw}\nstringData: {password: hunter2}\n---\n"
                         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ca, namespace: x}\n"
                         "data: {ca.crt: text}\nbinaryData: {ca.der: AAE=}\n",
                     "all.yaml");
  EXPECT_EQ(text_of(manifest), "");
  ASSERT_THAT(manifest.endpoints, SizeIs(1));
  EXPECT_EQ(manifest.endpoints[0].endpoint.key(), "default/orders");
  EXPECT_EQ(manifest.endpoints[0].endpoint.spec.engine, Engine::kMysql);
  ASSERT_THAT(manifest.secrets, SizeIs(1));
  EXPECT_EQ(manifest.secrets[0].ns, "default");
  EXPECT_EQ(manifest.secrets[0].data.at("user").reveal(), "app");
  EXPECT_EQ(manifest.secrets[0].data.at("password").reveal(), "hunter2");
  ASSERT_THAT(manifest.config_maps, SizeIs(1));
  EXPECT_EQ(manifest.config_maps[0].ns, "x");
  EXPECT_THAT(manifest.config_maps[0].data,
              ElementsAre(Pair("ca.crt", "text"), Pair("ca.der", std::string("\0\1", 2))));
}

TEST(Manifest, knows_file_and_line_of_each_endpoint_and_of_its_references) {
  const Manifest manifest = parse_manifest(
      "---\napiVersion: tlswarden.dev/v1alpha1\nkind: DatabaseEndpoint\nmetadata:\n  name: a\nspec:\n"
      "  engine: redis\n  host: db\n  tls:\n    ca:\n      file: /etc/ca.pem\n      password:\n        env: "
      "P\n",
      "dir/a.yaml");
  ASSERT_THAT(manifest.endpoints, SizeIs(1)) << text_of(manifest);
  EXPECT_EQ(manifest.endpoints[0].file, "dir/a.yaml");
  EXPECT_EQ(manifest.endpoints[0].line, 2);
  EXPECT_THAT(manifest.endpoints[0].lines,
              ElementsAre(Pair("spec.tls.ca", 10), Pair("spec.tls.ca.password", 12)));
}

TEST(Manifest, warns_where_prefer_has_no_fallback) {
  for (const Engine engine : kAllEngines) {
    const std::string name(to_string(engine));
    const Manifest manifest = parse_manifest(
        endpoint_document("e", "{engine: " + name + ", host: db, tls: {mode: prefer}}"), "e.yaml");
    ASSERT_THAT(manifest.endpoints, SizeIs(1)) << text_of(manifest);
    if (engine_facts(engine).fallback == PreferFallback::kNone) {
      EXPECT_THAT(text_of(manifest), HasSubstr("e.yaml:4: spec.tls.mode: " + engine_facts(engine).client +
                                               " has no fallback to plaintext"));
    } else {
      EXPECT_EQ(text_of(manifest), "");
    }
  }
}

TEST(Manifest, reads_what_kubectl_prints) {
  const Manifest manifest = parse_manifest(
      R"({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [
          {"apiVersion": "tlswarden.dev/v1alpha1", "kind": "DatabaseEndpoint",
           "metadata": {"name": "a", "namespace": "b", "uid": "1", "resourceVersion": "7", "generation": 3,
                        "creationTimestamp": null, "managedFields": []},
           "spec": {"engine": "etcd", "host": "::1"},
           "status": {"observedGeneration": 3, "conditions": []}}]})",
      "-");
  EXPECT_EQ(text_of(manifest), "");
  ASSERT_THAT(manifest.endpoints, SizeIs(1));
  EXPECT_EQ(manifest.endpoints[0].endpoint.key(), "b/a");
  EXPECT_EQ(manifest.endpoints[0].endpoint.status.observed_generation, -1);
}

TEST(Manifest, is_empty_for_an_empty_text) {
  for (const char* text : {"", "\n", "# a comment\n", "---\n---\n# nothing\n...\n", "%YAML 1.2\n---\n"}) {
    const Manifest manifest = parse_manifest(text, "empty.yaml");
    EXPECT_THAT(manifest.endpoints, IsEmpty());
    EXPECT_EQ(text_of(manifest), "") << text;
  }
}

TEST(Manifest, keeps_the_good_documents_beside_broken_ones) {
  const Manifest manifest = parse_manifest(endpoint_document("a", "{engine: redis, host: db}") +
                                               "{ broken\n---\n" + endpoint_document("b", "{engine: redis}") +
                                               endpoint_document("c", "{engine: redis, host: db}"),
                                           "mixed.yaml");
  ASSERT_THAT(manifest.endpoints, SizeIs(2));
  EXPECT_EQ(manifest.endpoints[0].endpoint.metadata.name, "a");
  EXPECT_EQ(manifest.endpoints[1].endpoint.metadata.name, "c");
  EXPECT_THAT(manifest.diagnostics, SizeIs(2));
}

TEST(Manifest, accepts_every_host_that_is_a_name_or_an_address) {
  for (const char* host : {"db", "db.internal.", "db_1.internal", "10.0.0.7", "'::1'", "'2001:db8::7'",
                           "'fe80::1%eth0'", "datenbänke.example", "1password.example"}) {
    const Manifest manifest =
        parse_manifest(endpoint_document("a", std::string("{engine: redis, host: ") + host + "}"), "a.yaml");
    EXPECT_EQ(text_of(manifest), "") << host;
  }
}

TEST(Manifest, accepts_a_redis_password_without_an_account) {
  const Manifest manifest = parse_manifest(
      endpoint_document("a", "{engine: redis, host: db, auth: {password: {env: P}}}"), "a.yaml");
  EXPECT_EQ(text_of(manifest), "");
}

TEST(Manifest, survives_text_that_would_exhaust_a_regular_expression) {
  const std::string digits(200'000, '1');
  const Manifest manifest = parse_manifest(
      endpoint_document("a", "{engine: redis, host: db, timeout: '" + digits + "', rotation: {warnBefore: '" +
                                 digits + "d'}, tls: {ca: {secretKeyRef: {name: '" + digits +
                                 "', key: k}}}}"),
      "a.yaml");
  EXPECT_THAT(manifest.endpoints, IsEmpty());
  EXPECT_THAT(text_of(manifest),
              HasSubstr("a.yaml:4: spec.tls.ca.secretKeyRef.name: the text has 200000 characters"));
}

TEST(Manifest, stops_listing_errors_at_a_thousand) {
  std::string text =
      "apiVersion: tlswarden.dev/v1alpha1\nkind: DatabaseEndpoint\nmetadata: {name: a}\nspec:\n";
  for (int i = 0; i < 3000; ++i)
    text += "  unknown" + std::to_string(i) + ": 1\n";
  const Manifest manifest = parse_manifest(text, "a.yaml");
  EXPECT_THAT(manifest.diagnostics, SizeIs(1001));
  EXPECT_THAT(text_of(manifest), HasSubstr("there are more than 1000 errors; correct these first"));
}

TEST(Diagnostic, shows_the_parts_that_are_there) {
  const auto error = Diagnostic::Severity::kError;
  EXPECT_EQ((Diagnostic{error, "a.yaml", 3, "spec.port", "bad; good"}.text()),
            "a.yaml:3: spec.port: bad; good");
  EXPECT_EQ((Diagnostic{error, "a.yaml", 0, "", "bad"}.text()), "a.yaml: bad");
  EXPECT_EQ((Diagnostic{error, "a.yaml", 3, "", "bad"}.text()), "a.yaml:3: bad");
  EXPECT_EQ((Diagnostic{error, "", 0, "spec.port", "bad"}.text()), "spec.port: bad");
}

}  // namespace
}  // namespace tlswarden::resource

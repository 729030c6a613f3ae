#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/resource/manifest_fixture.hpp"

namespace tlswarden::resource {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

std::string secret_document(const std::string& name, const std::string& data,
                            const std::string& kind = "Secret") {
  return "apiVersion: v1\nkind: " + kind + "\nmetadata: {name: " + name + "}\n" +
         (kind == "Secret" ? "stringData: " : "data: ") + data + "\n---\n";
}

Manifest read(const std::string& file, const std::string& text) {
  return parse_manifest(text, file);
}

TEST(MergedManifests, resolve_references_across_files) {
  const Manifest manifest = merged(
      read("a.yaml", endpoint_document("a",
                                       "{engine: redis, host: db, tls: {ca: {configMapKeyRef: {name: ca, "
                                       "key: ca.crt}}}, auth: {password: {secretKeyRef: {name: login, "
                                       "key: password}}}}")),
      read("b.yaml",
           secret_document("login", "{password: x}") + secret_document("ca", "{ca.crt: x}", "ConfigMap")));
  EXPECT_EQ(text_of(manifest), "");
  EXPECT_THAT(manifest.endpoints, SizeIs(1));
  EXPECT_THAT(manifest.secrets, SizeIs(1));
}

TEST(MergedManifests, refuse_a_name_that_is_declared_twice_at_the_later_place) {
  const std::string endpoint = endpoint_document("a", "{engine: redis, host: db}");
  const Manifest manifest = merged(read("a.yaml", endpoint + secret_document("s", "{k: v}")),
                                   read("b.yaml", "\n" + endpoint + secret_document("s", "{k: v}")));
  EXPECT_EQ(
      text_of(manifest),
      "b.yaml:2: metadata.name: DatabaseEndpoint default/a is declared at a.yaml:1 already; rename or remove "
      "one\n"
      "b.yaml:7: metadata.name: Secret default/s is declared at a.yaml:6 already; rename or remove one\n");
  ASSERT_THAT(manifest.endpoints, SizeIs(1));
  EXPECT_EQ(manifest.endpoints[0].file, "a.yaml");
}

TEST(MergedManifests, refuse_references_that_lead_nowhere) {
  const std::string endpoint =
      endpoint_document("a",
                        "\n  engine: redis\n  host: db\n  tls:\n"
                        "    ca: {secretKeyRef: {name: orders-cas, key: ca.crt}}\n"
                        "  auth:\n    password: {secretKeyRef: {name: login, key: pasword}}\n"
                        "  servedCertificate: {configMapKeyRef: {name: x, key: y}}\n");
  const Manifest manifest = merged(read("a.yaml", endpoint + secret_document("orders-ca", "{ca.crt: x}") +
                                                      secret_document("login", "{password: x, user: y}")));
  EXPECT_THAT(text_of(manifest),
              testing::HasSubstr(
                  "a.yaml:8: spec.tls.ca: Secret default/orders-cas is not declared in these manifests; "
                  "did you mean orders-ca?\n"
                  "a.yaml:10: spec.auth.password: Secret default/login has no key pasword; it has "
                  "password, user\n"));
  EXPECT_THAT(
      text_of(manifest),
      testing::HasSubstr("a.yaml:11: spec.servedCertificate: ConfigMap default/x is not declared in these "
                         "manifests; declare it in the endpoint's namespace, or use file or env\n"));
  EXPECT_THAT(manifest.endpoints, IsEmpty());
}

TEST(MergedManifests, read_secrets_from_the_own_namespace_only) {
  const std::string secret =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: other}\nstringData: {k: v}\n";
  const Manifest manifest = merged(
      read("a.yaml",
           endpoint_document("a", "{engine: redis, host: db, tls: {ca: {secretKeyRef: {name: s, key: k}}}}") +
               secret));
  EXPECT_THAT(text_of(manifest), testing::HasSubstr("Secret default/s is not declared"));
}

TEST(MergedManifests, do_not_add_to_the_errors_of_a_broken_secret) {
  const Manifest manifest = merged(
      read("a.yaml",
           endpoint_document("a", "{engine: redis, host: db, tls: {ca: {secretKeyRef: {name: s, key: k}}}}") +
               secret_document("s", "{k: 1}")));
  EXPECT_THAT(manifest.diagnostics, SizeIs(1));
  EXPECT_EQ(manifest.diagnostics[0].field, "stringData.k");
}

}  // namespace
}  // namespace tlswarden::resource
